"""A message that is larger than what is taken: its beginning is kept, so that somebody sees that it came, from whom, and what mends it.

It is kept as failed and is never processed: a part of a message says something else than the message. Its sender sends it again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from adapters.endpoint import InboxMessage
from fhir_server.model.phrase import phrase

HEAD = 64 * 1024
"""Bytes that are kept of such a message."""
NAMED = 199
"""Characters that are kept of who sends: it is part of an index."""
SENTENCE = phrase("The message is larger than this server takes; send it in parts, or ask the operator to have larger ones taken.")


@dataclass(frozen=True, slots=True)
class Oversized:
    """`head`: how it begins, at most `HEAD` bytes; `size`: its bytes as declared, else as many as came; `limit`: the largest that is
    taken."""

    head: bytes
    size: int
    limit: int

    @property
    def note(self) -> str:
        """Why it failed, and what mends it."""
        return (
            f"{self.size} bytes, more than the {self.limit} that are taken; only the first {len(self.head)} are kept. Have it sent again: "
            "in parts, or after hl7v2_max_bytes is raised."
        )

    def kept(self, channel: str, sender: str, key: str, received: int, reply: bytes) -> InboxMessage:
        """What the inbox keeps; the digest is no whole message's."""
        digest = f"{self.size}:{hashlib.sha256(self.head).hexdigest()}"
        return InboxMessage(0, channel, sender[:NAMED], key, digest, received, self.head, "failed", 1, self.note, reply, self.size)
