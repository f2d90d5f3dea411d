"""How a resource names a message of the inbox: a Provenance says by it what it was made from."""

from __future__ import annotations

INBOX_SYSTEM = "https://passerelle.care/inbox"
"""System of the number of a message; `passerelle inbox show NUMBER` shows it."""

SENDER_SYSTEM = "https://passerelle.care/sender"
"""System of a sender's name as its protocol has it (application|facility of MSH-3 and MSH-4)."""
