"""Messages of one sender are processed one after another, in the order they came: here, and in every other process of the database."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Iterator, Sequence

from adapters.endpoint import Inbox, InboxMessage
from adapters.exchange.applying import Applying
from adapters.exchange.interpreter import Envelope, Interpreter
from adapters.exchange.processing import Processing
from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.model.phrase import phrase

log = logging.getLogger("passerelle.intake")


class _Turn:
    """The queue of one sender, and how many messages stand in it."""

    def __init__(self) -> None:
        self.lock, self.users = asyncio.Lock(), 0


class SenderOrder:
    """`pauses`: seconds before each further try of a message that was accepted early and could not be stored; the last one repeats."""

    def __init__(self, inbox: Inbox, interpreter: Interpreter, processing: Processing, applying: Applying, pauses: Sequence[float]):
        self._inbox, self._interpreter, self._processing, self._applying = inbox, interpreter, processing, applying
        self.pauses = pauses
        self._turns: dict[str, _Turn] = {}
        self._stopping = asyncio.Event()

    @property
    def is_stopping(self) -> bool:
        return self._stopping.is_set()

    def stop(self) -> None:
        """What waits to be stored, or for what came before it, stays in the inbox for the next start."""
        self._stopping.set()

    async def in_order(self, row: InboxMessage, envelope: Envelope) -> bytes:
        """The answer to a message, once it was its turn."""
        turn = self._turns.setdefault(envelope.sender, _Turn())
        turn.users += 1
        try:
            async with turn.lock:
                return await self._in_turn(row, envelope) or b""
        finally:
            turn.users -= 1
            if not turn.users:
                self._turns.pop(envelope.sender, None)

    async def _in_turn(self, row: InboxMessage, envelope: Envelope) -> bytes | None:
        """The answer, once it is the sender's turn among all processes of the database; None where this one stops before."""
        for pause in itertools.chain(self.pauses[:1] or (0,), self._pauses(envelope)):
            try:
                async with self._inbox.turn(row) as due:
                    return await self._behind(due, row, envelope)
            except FhirError as error:
                log.error("message %d waits for its turn: %s", row.number, error.category.value)
                if not envelope.early:
                    return self._interpreter.refused(row.raw, error)
            if await self._stopped_within(pause):
                break
        return None

    async def _behind(self, due: Sequence[InboxMessage], row: InboxMessage, envelope: Envelope) -> bytes | None:
        """What the sender sent before and another process left behind comes first; what another has done meanwhile is not done again."""
        for earlier in (one for one in due if one.number != row.number):
            if self._stopping.is_set() or await self._until_stored(earlier, self._interpreter.envelope(earlier.raw)) is None:
                return None
        now = next((one for one in due if one.number == row.number), row)
        if now.status == "processed" or now.attempts > row.attempts:
            return self._became(now, envelope)
        return await self._until_stored(row, envelope)

    def _became(self, row: InboxMessage, envelope: Envelope) -> bytes:
        """The answer to a message that another process has settled."""
        if not envelope.early:
            return row.reply or b""
        if row.status == "processed":
            return self._interpreter.applied(row.raw)
        return self._interpreter.refused(
            row.raw, fault(Category.INVALID, "processing", row.note or phrase("The message could not be used."))
        )

    async def _until_stored(self, row: InboxMessage, envelope: Envelope) -> bytes | None:
        """The answer; None where the program stops before the message could be stored."""
        reply = await self._process_in_turn(row, envelope)
        for pause in self._pauses(envelope):
            if reply is not None or await self._stopped_within(pause):
                break
            reply = await self._process_in_turn(row, envelope)
        return reply

    async def _process_in_turn(self, row: InboxMessage, envelope: Envelope) -> bytes | None:
        """Nobody waits for what was accepted early: it is applied beside what somebody does wait for."""
        if not envelope.early:
            return await self._processing.process(row, envelope)
        async with self._applying.turn():
            return await self._processing.process(row, envelope)

    def _pauses(self, envelope: Envelope) -> Iterator[float]:
        if envelope.early:
            yield from self.pauses
            while True:
                yield self.pauses[-1]

    async def _stopped_within(self, pause: float) -> bool:
        try:
            await asyncio.wait_for(self._stopping.wait(), pause)
        except TimeoutError:
            return False
        return True
