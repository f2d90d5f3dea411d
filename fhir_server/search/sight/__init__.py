"""What access is decided by, kept beside the search index: whose a resource is, who is let in by what, and what a query may find."""
