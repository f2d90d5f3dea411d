"""The one door for messages of every transport (MLLP, HTTP, files): who may send is asked first, then the intake takes the message."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from adapters.exchange.answer import Answer
from adapters.exchange.intake import Intake
from adapters.exchange.oversized import Oversized
from adapters.hl7v2.adt import AdtInterpreter
from adapters.hl7v2.mllp import Fault, FaultKind
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
        refused = await self._refused(message, peer)
        return await self.intake.receive(message) if refused is None else Answer(refused or None)

    async def oversized(self, message: Oversized, peer: Peer) -> bytes | None:
        """What the sender of a message that is too large hears; its beginning is kept. Never raises."""
        reply = await self._refused(message.head, peer)
        if reply is None:
            reply = self.interpreter.fault_answer(Fault(FaultKind.TOO_LARGE, message.size, message.head)) or b""
            await self.intake.keep_beginning(message, reply)
        return reply or None

    async def fault_answer(self, limit: int, fault: Fault, peer: Peer) -> bytes | None:
        """What is answered to bytes that were no whole frame; `limit`: the largest message in bytes. Never raises."""
        if fault.kind is FaultKind.TOO_LARGE:
            return await self.oversized(Oversized(fault.beginning, fault.size, limit), peer)
        return self.interpreter.fault_answer(fault)

    async def _refused(self, message: bytes, peer: Peer) -> bytes | None:
        """The answer to a message whose sender may not send it; None where it may."""
        sender = self.interpreter.envelope(message).sender
        try:
            sentence = await self.refusal(sender, peer)
        except FhirError as error:
            log.error("a message of %s could not be kept: who may send is not known: %s", sender, error.category.value)
            return self.interpreter.not_kept(message, error)
        if sentence is None:
            return None
        log.warning("a message in the name of %s was refused: it came from %s", sender, peer.address or peer.client or "a file")
        return self.interpreter.not_admitted(message, sentence)
