"""How a message of any protocol comes in: kept first, then processed, then answered.

    receive -> inbox row (durable) -> interpret -> one transaction that also says where it comes from and settles the row -> reply

The same bytes again get the reply they got; a first try that failed or was cut short is tried again; the same number on other bytes is a
new message, and flagged. Messages of one sender are processed one after another, in the order they came.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import random
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from adapters.endpoint import FhirEndpoint, Inbox, InboxMessage, OutgoingMessage, Resource, Settlement
from adapters.exchange.applying import Applying
from adapters.exchange.claim import claimed
from adapters.exchange.oversized import Oversized
from adapters.exchange.provenance import with_provenance
from fhir_server.model.issue import Category, FhirError, fault

log = logging.getLogger("passerelle.intake")

OVERTAKEN = (Category.CONFLICT, Category.PRECONDITION)
NOT_STORED = (Category.STORAGE, Category.BUSY)
WATCH_SECONDS = 5.0
MOST_WATCHED = 1000
NOTHING: Resource = {"resourceType": "Bundle", "type": "transaction", "entry": []}
"""A transaction of what goes along with it alone."""
SAME_KEY = "the sender used this number before, for another message; both were processed"


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


@dataclass(frozen=True, slots=True)
class Answer:
    """What a sender hears. `reply`: now (None: it wants nothing now). `application`: of a message that was only accepted, what became of
    it, once that is known; it may be left alone."""

    reply: bytes | None
    application: Awaitable[bytes | None] | None = None


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


def microseconds() -> int:
    return time.time_ns() // 1000


class _Turn:
    """The queue of one sender, and how many messages stand in it."""

    def __init__(self) -> None:
        self.lock, self.users = asyncio.Lock(), 0


class Intake:
    """The engine under every adapter that receives.

    `attempts`: how often a message is interpreted anew when another write came first. `pauses`: seconds before each further try of a
    message that was accepted early and could not be stored; the last one repeats. Of messages that were accepted early only so many as
    `applying` are applied at once, one while others come in, so that accepting stays quick; at most `backlog` of them, or `held` bytes,
    wait in memory.
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
        self.endpoint, self.inbox, self.interpreter = endpoint, inbox, interpreter
        self.clock, self.attempts, self.pauses, self.backlog, self.recovery = clock, attempts, pauses, backlog, recovery
        self.held = held
        self._waiting_bytes = 0
        self._applying = Applying(applying)
        self._turns: dict[str, _Turn] = {}
        self._running: dict[int, asyncio.Task[bytes]] = {}
        self._stopping = asyncio.Event()

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
            return Answer(row.reply or None, _known(again) if again and not self._returned(row, envelope, again) else None)
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

    async def recover(self) -> int:
        """Process what was kept but not finished when the program last stopped; returns how many messages.

        One that takes longer than `recovery` seconds goes on beside what comes new; its sender's messages wait for it.
        """
        seen: set[int] = set()
        while rows := [row for row in await self.inbox.find("received", 1000 + len(seen)) if row.number not in seen]:
            for row in (row for row in rows if row.channel == self.interpreter.channel):
                await asyncio.wait([self._begin(row, self.interpreter.envelope(row.raw))], timeout=self.recovery)
            seen.update(row.number for row in rows)
        return len(seen)

    @contextlib.asynccontextmanager
    async def watching(self, seconds: float = WATCH_SECONDS) -> AsyncIterator[None]:
        """While the block runs, process failed messages that somebody let go once more (`passerelle exchange replay`)."""
        task = asyncio.create_task(self._watch(seconds))
        try:
            yield
        finally:
            task.cancel()

    async def _watch(self, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await self.replayed()
            except FhirError as error:
                log.warning("the inbox cannot be read now: %s", error.category.value)

    async def replayed(self) -> int:
        """Begin those that failed once and are to be processed again; how many. One that was never tried is in somebody's hands."""
        rows = [row for row in await self.inbox.find("received", MOST_WATCHED) if row.attempts and row.channel == self.interpreter.channel]
        for row in rows:
            self._begin(row, self.interpreter.envelope(row.raw))
        return len(rows)

    async def drain(self) -> None:
        """Finish what runs; a message that waits to be stored stays in the inbox for the next start."""
        self._stopping.set()
        while self._running:
            await asyncio.wait(list(self._running.values()))

    async def _room(self) -> None:
        """Wait while too much is being processed: who is answered early is slowed down here, not in memory."""
        while (len(self._running) > self.backlog or self._waiting_bytes > self.held) and not self._stopping.is_set():
            await asyncio.wait(list(self._running.values()), return_when=asyncio.FIRST_COMPLETED, timeout=1)

    def _begin(self, row: InboxMessage, envelope: Envelope) -> asyncio.Task[bytes]:
        """The one task that processes this row; a repeat while it runs waits for the same."""
        task = self._running.get(row.number)
        if task is None:
            task = self._running[row.number] = asyncio.create_task(self._in_order(row, envelope))
            self._waiting_bytes += len(row.raw)
            task.add_done_callback(lambda _: self._end(row))
        return task

    def _end(self, row: InboxMessage) -> None:
        del self._running[row.number]
        self._waiting_bytes -= len(row.raw)

    async def _in_order(self, row: InboxMessage, envelope: Envelope) -> bytes:
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
                async with self.inbox.turn(row) as due:
                    return await self._behind(due, row, envelope)
            except FhirError as error:
                log.error("message %d waits for its turn: %s", row.number, error.category.value)
                if not envelope.early:
                    return self.interpreter.refused(row.raw, error)
            if await self._stopped_within(pause):
                break
        return None

    async def _behind(self, due: Sequence[InboxMessage], row: InboxMessage, envelope: Envelope) -> bytes | None:
        """What the sender sent before and another process left behind comes first; what another has done meanwhile is not done again."""
        for earlier in due[:-1]:
            if await self._until_stored(earlier, self.interpreter.envelope(earlier.raw)) is None:
                return None
        now = due[-1]
        if now.status == "processed" or now.attempts > row.attempts:
            return self._became(now, envelope)
        return await self._until_stored(row, envelope)

    def _became(self, row: InboxMessage, envelope: Envelope) -> bytes:
        """The answer to a message that another process has settled."""
        if not envelope.early:
            return row.reply or b""
        if row.status == "processed":
            return self.interpreter.applied(row.raw)
        return self.interpreter.refused(row.raw, fault(Category.INVALID, "processing", row.note or "The message could not be used."))

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
            return await self._process(row, envelope)
        async with self._applying.turn():
            return await self._process(row, envelope)

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

    async def _process(self, row: InboxMessage, envelope: Envelope) -> bytes | None:
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
            unexpected = fault(Category.INTERNAL, "exception", f"The message could not be processed ({type(error).__name__}); it is kept.")
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
        back = self._returned(row, envelope, meaning.reply)
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

    def _returned(self, row: InboxMessage, envelope: Envelope, reply: bytes) -> tuple[OutgoingMessage, ...]:
        back = self.interpreter.returned(row.raw, reply) if envelope.early and reply else None
        return (back,) if back else ()

    async def _fail(self, row: InboxMessage, envelope: Envelope, error: FhirError) -> bytes:
        log.warning("message %d failed: %s", row.number, "; ".join(f"{one.code} {one.expression or ''}".strip() for one in error.issues))
        answer = self.interpreter.refused(row.raw, error)
        back = self._returned(row, envelope, answer)
        try:
            if back:  # first, so that it is sent twice rather than never
                await self.endpoint.transaction(NOTHING, sends=back)
            await self.inbox.fail(row.number, str(error), self.interpreter.accepted(row.raw) if envelope.early else answer)
        except FhirError as second:
            log.error("message %d: its failure could not be kept either: %s", row.number, second.category.value)
        return b"" if back else answer


def _known(reply: bytes) -> Awaitable[bytes | None]:
    """An answer that nobody needs to wait for."""
    known: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
    known.set_result(reply)
    return known
