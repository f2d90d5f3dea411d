"""The inbox and the outbox side by side, for who looks after messages: the command line, and over HTTP whoever may."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, replace
from datetime import UTC

from fhir_server.model.issue import Category, fault
from fhir_server.model.temporal import parse_temporal
from fhir_server.store.erasure import ERASED_MESSAGE
from fhir_server.store.inbox import InboxFilter, InboxRow
from fhir_server.store.newest import Before
from fhir_server.store.opening import now
from fhir_server.store.outbox import OutboxFilter, OutboxRow
from fhir_server.store.store import Store
from fhir_server.store.stored import instant

DAY = 86_400_000_000
INCOMING = ("received", "processed", "failed")
OUTGOING = ("waiting", "delivered", "dead")
BEGINNING_ONLY = "only its beginning is kept; its sender must send it again, in parts, or after hl7v2_max_bytes is raised"
ERASED = "its content has been erased"
GOES_NOT = {
    "received": "it will be processed without a replay",
    "processed": "only what failed is processed again",
    "waiting": "it will be sent without a replay",
}
_ID = re.compile(r"(in|out)-([0-9]{1,18})")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which messages are meant: all that every part given agrees with. `direction`: `in`, `out`; `lane`: `Patient/1`, where it goes out.

    `sender`: as HL7 v2 names it, `GAM|CHU`, of what came in; `key`: MSH-10 of what came in, the key of what goes out.
    """

    direction: str | None = None
    status: str | None = None
    destination: str | None = None
    lane: str | None = None
    number: int | None = None
    sender: str | None = None
    key: str | None = None

    @property
    def incoming(self) -> bool:
        """False where no message that came in is meant."""
        return self.direction != "out" and self.status not in OUTGOING and self.destination is None and self.lane is None

    @property
    def outgoing(self) -> bool:
        """False where no message that goes out is meant."""
        return self.direction != "in" and self.status not in INCOMING and self.sender is None

    @property
    def filter(self) -> OutboxFilter:
        return OutboxFilter(self.status, self.destination, self.lane, self.number, self.key)  # type: ignore[arg-type]

    @property
    def came(self) -> InboxFilter:
        return InboxFilter(self.status, self.sender, self.key, self.number)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Passage:
    """One message, whichever way it goes. `partner` is its sender or its destination; `time` when it came or was written (UTC); `cut`: it
    was too large, and `content` is only how it begins."""

    id: str
    time: str
    status: str
    partner: str
    key: str
    attempts: int
    note: str
    lane: str
    content: bytes
    reply: bytes
    cut: bool = False

    @property
    def goes_not(self) -> str | None:
        """Why it cannot be let go again; None where it can."""
        if self.note == ERASED_MESSAGE:
            return ERASED
        return BEGINNING_ONLY if self.cut else GOES_NOT.get(self.status)


@dataclass(frozen=True, slots=True)
class Passages:
    """The newest first. `more`: for each way that has older ones the id of the last one here, which is where they go on."""

    messages: list[Passage]
    more: list[str]


async def passages(store: Store, wanted: Wanted, count: int, since: int | None = None, before: str | None = None) -> Passages:
    """The newest, `count` at most each way, from `since` on (microseconds since 1970-01-01 UTC). `before`: an id; then only messages of
    its way, older than that one. FhirError where it is no id, or one of the other way than is wanted."""
    page = Before(count + 1, since=since)
    if before is not None:
        direction, number = place(before)
        if wanted.direction not in (None, direction):
            raise fault(Category.MALFORMED, "invalid", f"{before} is no message of the direction {wanted.direction}.")
        wanted, page = replace(wanted, direction=direction), replace(page, number=number)
    came = [_incoming(row) for row in await store.inbox.newest(wanted.came, page)] if wanted.incoming else []
    go = [_outgoing(row) for row in await store.outbox.newest(wanted.filter, page)] if wanted.outgoing else []
    more = [way[count - 1].id for way in (came, go) if len(way) > count]
    return Passages(sorted([*came[:count], *go[:count]], key=lambda one: one.time, reverse=True), more)


def place(id_: str) -> tuple[str, int]:
    """The direction and the number of in-NUMBER or out-NUMBER; FhirError where it is neither."""
    found = _ID.fullmatch(id_)
    if found is None:
        raise fault(Category.MALFORMED, "invalid", f"{id_[:40]} is no id of a message; write in-NUMBER or out-NUMBER.")
    return found[1], int(found[2])


def moment(text: str) -> int:
    """Where a date or time begins, in microseconds since 1970-01-01 UTC; UTC where it names no offset. FhirError where it is none."""
    try:
        return parse_temporal(text.replace(" ", "+")).interval(UTC)[0]  # a '+' that was not percent-encoded
    except ValueError as error:
        sentence = f"{text[:40]} is no date or time such as 2026-01-31 or 2026-01-31T08:00:00+01:00: {error}"
        raise fault(Category.MALFORMED, "value", sentence) from None


async def passage(store: Store, direction: str, number: int) -> Passage | None:
    """One message by its number."""
    if direction == "in":
        row = await store.inbox.read(number)
        return _incoming(row) if row else None
    return next(map(_outgoing, await store.outbox.find(OutboxFilter(number=number))), None)


async def replayed(store: Store, wanted: Wanted) -> int:
    """Let messages go again; how many. Without a status that is what failed or died, not what went well."""
    count = 0
    if wanted.incoming and wanted.status in (None, "failed"):
        count += await store.inbox.replay(wanted.came)
    if wanted.outgoing:
        status = wanted.status or ("dead" if wanted.number is None else None)
        count += await store.outbox.replay(replace(wanted.filter, status=status))  # type: ignore[arg-type]
    return count


async def why_left(store: Store, direction: str, number: int) -> str | None:
    """Why a message that was to go again stays where it is; None where there is no such message."""
    found = await passage(store, direction, number)
    return f"{found.id} is {found.status}: {found.goes_not}." if found else None


async def known_destinations(store: Store) -> list[str]:
    """The names of those that some message was to go to, or that somebody paused."""
    states, tally = await asyncio.gather(store.outbox.destinations(), store.outbox.tally())
    return sorted({*(one.name for one in states), *(one.destination for one in tally)})


async def purged(store: Store, wanted: Wanted, days: int) -> int:
    """Remove what ended, or came in, before so many days; how many. Of what came in only the status is looked at."""
    before = now() - days * DAY
    if wanted.status in OUTGOING:
        return await store.outbox.purge(wanted.filter, before)
    return await store.inbox.purge(wanted.status, before)  # type: ignore[arg-type]


async def standing(store: Store) -> list[str]:
    """A line for each destination."""
    states, tally, moment = *await asyncio.gather(store.outbox.destinations(), store.outbox.tally()), now()
    depth = {(one.destination, one.status): one.depth for one in tally}
    lines = []
    for one in states:
        state = "paused" if one.paused else "open" if one.is_open(moment) else f"left alone until {instant(one.held)}"
        lines.append(f"{one.name}  {state}  {depth.get((one.name, 'waiting'), 0)} waiting  {depth.get((one.name, 'dead'), 0)} dead")
    return lines


def _incoming(row: InboxRow) -> Passage:
    return Passage(
        f"in-{row.number}", instant(row.received), row.status, row.sender, row.key, row.attempts, row.note or "", "",
        row.raw, row.reply or b"", row.size is not None,
    )  # fmt: skip


def _outgoing(row: OutboxRow) -> Passage:
    return Passage(
        f"out-{row.number}", instant(row.created), row.status, row.destination, row.key, row.attempts, row.note, row.lane, row.body, b""
    )
