"""Many documents validated at once: where they come from, on several processors, and what is told about them."""
