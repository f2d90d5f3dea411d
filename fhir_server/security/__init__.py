"""Who is calling, and what they may see and do: authentication, authorisation, audit (docs/security.md)."""
