"""The rights of the person (GDPR, articles 15, 17 and 20): all that is kept about one, handed over or erased, and what is kept too long."""
