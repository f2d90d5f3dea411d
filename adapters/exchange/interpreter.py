"""What one protocol knows of its messages, for the engine that takes them in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from adapters.endpoint import FhirEndpoint, OutgoingMessage, Resource
from fhir_server.model.issue import FhirError


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who sent a message and how they number it. `early`: the sender is answered as soon as the message is in the inbox."""

    sender: str
    key: str
    early: bool = False


@dataclass(frozen=True, slots=True)
class Interpretation:
    """What a message means: a transaction Bundle (None: nothing to change), the answer, notes for a person, and messages to others that
    go out with the transaction."""

    bundle: Resource | None
    reply: bytes
    notes: tuple[str, ...] = ()
    sends: tuple[OutgoingMessage, ...] = ()


class Interpreter(Protocol):
    """What one protocol knows of its messages. Replies are ready to be sent; an empty one means that none is wanted."""

    channel: str

    def envelope(self, raw: bytes) -> Envelope:
        """Never raises: an unreadable message has an empty key."""

    async def interpret(self, raw: bytes, endpoint: FhirEndpoint) -> Interpretation:
        """FhirError where the message cannot be used."""

    def accepted(self, raw: bytes) -> bytes:
        """The early answer: the message is kept."""

    def applied(self, raw: bytes) -> bytes:
        """The answer to a message that was applied already when it came again; of one with an early answer, the second part."""

    def returned(self, raw: bytes, reply: bytes) -> OutgoingMessage | None:
        """The second part of an answer as a message of its own, where its sender has a place for such; else None."""

    def refused(self, raw: bytes, error: FhirError) -> bytes:
        """The answer to a message that is kept but could not be used."""

    def not_kept(self, raw: bytes, error: FhirError) -> bytes:
        """The answer to a message that could not even be kept."""
