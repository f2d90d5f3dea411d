"""What becomes of one message that is kept: interpreted, committed with its settlement in one transaction, or failed with the reason."""

from __future__ import annotations

import asyncio
import logging
import random
import traceback
from collections.abc import Callable

from adapters.endpoint import FhirEndpoint, Inbox, InboxMessage, OutgoingMessage, Resource, Settlement
from adapters.exchange.claim import claimed
from adapters.exchange.interpreter import Envelope, Interpreter
from adapters.exchange.provenance import with_provenance
from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.model.phrase import phrase

log = logging.getLogger("passerelle.intake")

OVERTAKEN = (Category.CONFLICT, Category.PRECONDITION)
NOT_STORED = (Category.STORAGE, Category.BUSY)
NOTHING: Resource = {"resourceType": "Bundle", "type": "transaction", "entry": []}
"""A transaction of what goes along with it alone."""
SAME_KEY = "the sender used this number before, for another message; both were processed"


class Processing:
    """`attempts`: how often a message is interpreted anew when another write came first."""

    def __init__(self, endpoint: FhirEndpoint, inbox: Inbox, interpreter: Interpreter, clock: Callable[[], int], attempts: int):
        self.endpoint, self.inbox, self.interpreter, self.clock, self.attempts = endpoint, inbox, interpreter, clock, attempts

    async def process(self, row: InboxMessage, envelope: Envelope) -> bytes | None:
        """The answer; None for a message accepted early that could not be stored now."""
        try:
            return await self._commit(row, envelope)
        except FhirError as error:
            if envelope.early and error.category in NOT_STORED:
                log.error("message %d waits: %s", row.number, error.category.value)
                return None
            return await self._fail(row, envelope, error)
        except Exception as error:
            where = "".join(traceback.format_tb(error.__traceback__))  # without the exception's text, which may quote the message
            log.error("message %d: %s\n%s", row.number, type(error).__name__, where)
            sentence = phrase("The message could not be processed ({error}); it is kept.", error=type(error).__name__)
            unexpected = fault(Category.INTERNAL, "exception", sentence)
            return await self._fail(row, envelope, unexpected)

    async def _commit(self, row: InboxMessage, envelope: Envelope) -> bytes:
        flags = (SAME_KEY,) if envelope.key and await self.inbox.same_key(row) else ()
        for attempt in range(1, self.attempts + 1):
            try:
                return await self._once(row, envelope, flags)
            except FhirError as error:
                if error.category not in OVERTAKEN or attempt == self.attempts:
                    raise
                await asyncio.sleep(random.uniform(0, 0.02 * attempt))  # noqa: S311 - so that two who met do not meet again
        raise AssertionError("unreachable")

    async def _once(self, row: InboxMessage, envelope: Envelope, flags: tuple[str, ...]) -> bytes:
        meaning = await self.interpreter.interpret(row.raw, self.endpoint)
        back = self.returned(row, envelope, meaning.reply)
        sends = (*meaning.sends, *back)
        reply = self.interpreter.accepted(row.raw) if envelope.early else meaning.reply
        settlement = Settlement(row.number, reply, "; ".join((*flags, *meaning.notes)) or None, envelope.sender)
        if meaning.bundle is None and not sends:
            await self.inbox.settle(settlement)
        else:
            bundle = claimed(with_provenance(meaning.bundle or NOTHING, row, self.clock()))
            await self.endpoint.transaction(bundle, settlement, sends=sends)
        log.info("message %d processed", row.number)
        return b"" if back else meaning.reply

    def returned(self, row: InboxMessage, envelope: Envelope, reply: bytes) -> tuple[OutgoingMessage, ...]:
        """The second part of an answer, where it goes out as a message of its own."""
        back = self.interpreter.returned(row.raw, reply) if envelope.early and reply else None
        return (back,) if back else ()

    async def _fail(self, row: InboxMessage, envelope: Envelope, error: FhirError) -> bytes:
        log.warning("message %d failed: %s", row.number, "; ".join(f"{one.code} {one.expression or ''}".strip() for one in error.issues))
        answer = self.interpreter.refused(row.raw, error)
        back = self.returned(row, envelope, answer)
        try:
            if back:  # first, so that it is sent twice rather than never
                await self.endpoint.transaction(NOTHING, sends=back)
            await self.inbox.fail(row.number, str(error), self.interpreter.accepted(row.raw) if envelope.early else answer)
        except FhirError as second:
            log.error("message %d: its failure could not be kept either: %s", row.number, second.category.value)
        return b"" if back else answer
