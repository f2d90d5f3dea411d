"""How a message of any protocol comes in: kept first, then processed, then answered.

    receive -> inbox row (durable) -> interpret -> one transaction that also says where it comes from and settles the row -> reply

The same bytes again get the reply they got; a first try that failed or was cut short is tried again; the same number on other bytes is a
new message, and flagged. Messages of one sender are processed one after another, in the order they came.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence

from adapters.endpoint import FhirEndpoint, Inbox, InboxMessage
from adapters.exchange.answer import Answer, known
from adapters.exchange.applying import Applying
from adapters.exchange.interpreter import Envelope, Interpreter
from adapters.exchange.oversized import Oversized
from adapters.exchange.processing import Processing
from adapters.exchange.recovery import Recovery
from adapters.exchange.sender_order import SenderOrder
from fhir_server.model.issue import FhirError

log = logging.getLogger("passerelle.intake")


def microseconds() -> int:
    return time.time_ns() // 1000


class Intake:
    """The engine under every adapter that receives.

    `attempts`: how often a message is interpreted anew when another write came first. `pauses`: seconds before each further try of a
    message that was accepted early and could not be stored; the last one repeats. Of messages that were accepted early only so many as
    `applying` are applied at once, one while others come in, so that accepting stays quick; at most `backlog` of them, or `held` bytes,
    wait in memory. `recovery`: the patience of `Recovery`.
    """

    def __init__(
        self,
        endpoint: FhirEndpoint,
        inbox: Inbox,
        interpreter: Interpreter,
        *,
        clock: Callable[[], int] = microseconds,
        attempts: int = 20,
        pauses: Sequence[float] = (0.5, 2, 10, 30),
        applying: int = 2,
        backlog: int = 1000,
        held: int = 64 * 1024 * 1024,
        recovery: float = 10,
    ):
        self.inbox, self.interpreter, self.clock, self.backlog, self.held = inbox, interpreter, clock, backlog, held
        self._applying = Applying(applying)
        self._processing = Processing(endpoint, inbox, interpreter, clock, attempts)
        self._order = SenderOrder(inbox, interpreter, self._processing, self._applying, pauses)
        self.recovery = Recovery(inbox, interpreter.channel, lambda row: self._begin(row, interpreter.envelope(row.raw)), recovery)
        self._running: dict[int, asyncio.Task[bytes]] = {}
        self._waiting_bytes = 0

    async def take(self, raw: bytes) -> bytes | None:
        """The first answer to a message, None where its sender wants none. Never raises for what a message holds or a store refuses."""
        return (await self.receive(raw)).reply

    async def receive(self, raw: bytes) -> Answer:
        """All that is answered to a message; as `take`, never raises."""
        envelope = self.interpreter.envelope(raw)
        try:
            with self._applying.message_coming_in():
                row = await self.inbox.receive(self.interpreter.channel, envelope.sender, envelope.key, raw, self.clock())
        except FhirError as error:
            log.error("a message of %s could not be kept: %s", envelope.sender, error.category.value)
            return Answer(self.interpreter.not_kept(raw, error) or None)
        if row.status == "processed" and row.reply is not None:
            again = self.interpreter.applied(raw) if envelope.early else b""
            return Answer(row.reply or None, known(again) if again and not self._processing.returned(row, envelope, again) else None)
        task = self._begin(row, envelope)
        if envelope.early:
            await self._room()
            return Answer(self.interpreter.accepted(raw) or None, asyncio.shield(task))
        return Answer(await asyncio.shield(task) or None)

    async def keep_beginning(self, message: Oversized, reply: bytes) -> None:
        """Keep what came of a message that is too large. Never raises: it is refused whether that can be kept or not."""
        envelope, channel = self.interpreter.envelope(message.head), self.interpreter.channel
        try:
            await self.inbox.keep_beginning(message.kept(channel, envelope.sender, envelope.key, self.clock(), reply))
        except FhirError as error:
            log.error("the beginning of a message of %s could not be kept: %s", envelope.sender, error.category.value)

    async def drain(self) -> None:
        """Finish what runs; a message that waits to be stored stays in the inbox for the next start."""
        self._order.stop()
        while self._running:
            await asyncio.wait(list(self._running.values()))

    async def _room(self) -> None:
        """Wait while too much is being processed: who is answered early is slowed down here, not in memory."""
        while (len(self._running) > self.backlog or self._waiting_bytes > self.held) and not self._order.is_stopping:
            await asyncio.wait(list(self._running.values()), return_when=asyncio.FIRST_COMPLETED, timeout=1)

    def _begin(self, row: InboxMessage, envelope: Envelope) -> asyncio.Task[bytes]:
        """The one task that processes this row; a repeat while it runs waits for the same."""
        task = self._running.get(row.number)
        if task is None:
            task = self._running[row.number] = asyncio.create_task(self._order.in_order(row, envelope))
            self._waiting_bytes += len(row.raw)
            task.add_done_callback(lambda _: self._end(row))
        return task

    def _end(self, row: InboxMessage) -> None:
        del self._running[row.number]
        self._waiting_bytes -= len(row.raw)
