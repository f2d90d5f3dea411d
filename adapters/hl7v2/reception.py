"""The one door for messages of every transport (MLLP, HTTP, files): who may send is asked first, then the intake takes the message."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from adapters.exchange.intake import Answer, Intake
from adapters.hl7v2.adt import AdtInterpreter
from adapters.hl7v2.peer import Peer
from fhir_server.model.issue import FhirError

Refusal = Callable[[str, Peer], Awaitable[str | None]]
"""A sender (`application|facility`) and who is at the other end: None where it may send, else a sentence that says why not. FhirError where
nobody can tell now."""

log = logging.getLogger("passerelle.hl7v2")


async def refuse_nobody(_sender: str, _peer: Peer) -> str | None:
    """Where anyone may send in any name."""
    return None


class Reception:
    """`refusal`: who may send in which name. Nothing is kept of a message that is refused."""

    def __init__(self, intake: Intake, interpreter: AdtInterpreter, refusal: Refusal = refuse_nobody):
        self.intake, self.interpreter, self.refusal = intake, interpreter, refusal

    async def receive(self, message: bytes, peer: Peer) -> Answer:
        """What the sender hears. Never raises."""
        sender = self.interpreter.envelope(message).sender
        try:
            sentence = await self.refusal(sender, peer)
        except FhirError as error:
            log.error("a message of %s could not be kept: who may send is not known: %s", sender, error.category.value)
            return Answer(self.interpreter.not_kept(message, error) or None)
        if sentence is None:
            return await self.intake.receive(message)
        log.warning("a message in the name of %s was refused: it came from %s", sender, peer.address or peer.client or "a file")
        return Answer(self.interpreter.not_admitted(message, sentence) or None)
