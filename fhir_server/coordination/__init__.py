"""The domain: who is followed, and what an event in the hospital means for those who follow them."""
