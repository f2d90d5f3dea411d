"""What subscriptions do on a database, the same on each: generators that yield a statement (with `?`), are sent its rows, and return.

One generator is one transaction, or a part of one.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from itertools import groupby

from fhir_server.model.json_format import encode_json
from fhir_server.store.audit_statements import Statement
from fhir_server.store.change import Result, Status
from fhir_server.store.outbox import OutboxEntry
from fhir_server.store.outbox_statements import INSERT, INSERT_DESTINATION, Rows, Work, destination_rows, entry_rows
from fhir_server.store.subscription import MADE_ANEW, PREFIX, TYPE, Event, Newest, Notice, NoticeKind, Occurrence, Step, Subscriber, Token

_SUBSCRIBER = "id, owner, headers, started, events, told, made"
_EVENT = "subscription, number, type, id, version, method, occurred"
_LEAD = """UPDATE subscription_follower SET owner = ?, leased = ? WHERE owner = ? OR leased <= ? RETURNING seq"""
_MOVE = "UPDATE subscription_follower SET seq = ? WHERE seq = ? RETURNING seq"
_REGISTER = f"""INSERT INTO subscription ({_SUBSCRIBER}) VALUES (?, ?, ?, 0, 0, 0, 0)
ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, headers = excluded.headers"""
_START = "UPDATE subscription SET started = ?, told = ? WHERE id = ?"
_ANEW = "UPDATE subscription SET started = 0, events = 0, told = 0, made = ? WHERE id = ?"
_FORGET = "DELETE FROM subscription_event WHERE subscription = ?"
_FORGET_SECRETS = "UPDATE subscription SET headers = ? WHERE id = ?"
_GIVE_UP = """UPDATE outbox SET status = 'dead', note = ?, ended = ?, owner = '', leased = 0
WHERE destination = ? AND status = 'waiting'"""
_COUNT = "UPDATE subscription SET events = events + ?, told = ? WHERE id = ? AND started > 0 RETURNING events, started"
_TELL = "UPDATE subscription SET told = ? WHERE id = ?"
_INSERT_EVENT = f"INSERT INTO subscription_event ({_EVENT}) VALUES (?, ?, ?, ?, ?, ?, ?)"
_DUE = "UPDATE outbox SET due = ? WHERE destination = ? AND status = 'waiting' AND due > ?"
_LET_GO = "UPDATE outbox_destination SET held = 0 WHERE name = ?"
_WAITING = "SELECT 1 FROM outbox WHERE destination = ? AND status = 'waiting' LIMIT 1"
_EVENTS = f"SELECT {_EVENT} FROM subscription_event WHERE subscription = ? AND number >= ? AND number <= ? ORDER BY number LIMIT ?"
_KEPT = "INSERT INTO subscription_token (digest, bound, ends) VALUES (?, ?, ?)"
_TAKEN = "DELETE FROM subscription_token WHERE digest = ? RETURNING bound, ends"
_AT_ONCE = 500

Doing = Generator[Statement, Rows, None]


def registered(subscribers: Sequence[Subscriber], results: Sequence[Result], now: int) -> Work[None]:
    """What became of the changes that the subscribers came with says which of them are new; of those that were deleted no secret is
    kept. `now`: when they were committed."""
    made = _versions(results, "created")
    for id_ in _versions(results, "deleted"):
        yield _FORGET_SECRETS, (b"", id_)
    for one in subscribers:
        yield _REGISTER, (one.id, one.owner, one.headers)
        if one.id in made:
            yield from _made_anew(one.id, made[one.id], now)


def _versions(results: Sequence[Result], status: Status) -> dict[str, int]:
    """By id, of those of which this became."""
    stored = [one.stored for one in results if one.status == status and one.stored is not None]
    return {one.id: one.version for one in stored if one.type == TYPE}


def _made_anew(id_: str, version: int, now: int) -> Doing:
    """One that was deleted may have stood under the id: what it was told of, and what waits to be told to it, is not the new one's."""
    yield _ANEW, (version, id_)
    yield _FORGET, (id_,)
    yield _GIVE_UP, (MADE_ANEW, now, PREFIX + id_)


def led(owner: str, now: int, until: int) -> Work[int | None]:
    rows = yield _LEAD, (owner, until, owner, now)
    return int(rows[0][0]) if rows else None


def taken(step: Step) -> Work[bool]:
    moved = yield _MOVE, (step.until, step.after)
    if not moved:
        return False
    for id_, occurred in groupby(sorted(step.occurrences, key=_by_subscription), _by_subscription):
        yield from _occurred(id_, list(occurred), step)
    for id_, seq in step.starts:
        yield _START, (seq, step.now, id_)
    for notice in step.notices:
        yield from _noticed(notice, step.now)
    return True


def all_of_them() -> Work[list[Subscriber]]:
    rows = yield f"SELECT {_SUBSCRIBER} FROM subscription ORDER BY id", ()
    return [_subscriber(row) for row in rows]


def one_of_them(id_: str) -> Work[Subscriber | None]:
    rows = yield f"SELECT {_SUBSCRIBER} FROM subscription WHERE id = ?", (id_,)
    return _subscriber(rows[0]) if rows else None


def events(id_: str, since: int, until: int, limit: int) -> Work[list[Event]]:
    rows = yield _EVENTS, (id_, since, until, limit)
    return [Event(*row) for row in rows]


def purged(before: int) -> Work[int]:
    rows = yield "DELETE FROM subscription_event WHERE occurred < ? RETURNING number", (before,)
    return len(rows)


def newest(ids: Sequence[str]) -> Work[dict[str, Newest]]:
    found: dict[str, Newest] = {}
    for begin in range(0, len(ids), _AT_ONCE):
        some = ids[begin : begin + _AT_ONCE]
        marks = ", ".join("?" * len(some))
        rows = yield f"SELECT id, made, events FROM subscription WHERE id IN ({marks})", tuple(some)
        found |= {str(id_): Newest(int(made), int(events)) for id_, made, events in rows}
    return found


def token_kept(token: Token, now: int) -> Work[None]:
    yield "DELETE FROM subscription_token WHERE ends <= ?", (now,)
    yield _KEPT, (token.digest, token.bound, token.ends)


def token_taken(digest: bytes, now: int) -> Work[bytes | None]:
    rows = yield _TAKEN, (digest,)
    return bytes(rows[0][0]) if rows and rows[0][1] > now else None


def _occurred(id_: str, occurrences: list[Occurrence], step: Step) -> Doing:
    """Numbers are given here, so that they have no gaps; nothing is told of a subscription that is not known, or was made anew
    since the follower looked."""
    rows = yield _COUNT, (len(occurrences), step.now, id_)
    if not rows:
        return
    newest, started = rows[0]
    first = newest - len(occurrences) + 1
    for number, one in enumerate(occurrences, first):
        yield _INSERT_EVENT, (id_, number, one.type, one.id, one.version, one.method, one.occurred)
    spans = _spans(first, len(occurrences), step.together.get(id_, 1))
    yield from _sent([event_message(id_, started, *span) for span in spans], step.now)


def _noticed(notice: Notice, now: int) -> Doing:
    """Where something waits to be sent, no sign of life is needed. A handshake is for an endpoint that may be another one than what was
    put off had to wait for."""
    waiting = (yield _WAITING, (PREFIX + notice.subscription,)) if notice.kind == "heartbeat" else []
    if not waiting:
        yield from _sent([message(notice.subscription, notice.key, notice.kind)], now)
    if notice.kind == "handshake":
        yield _DUE, (now, PREFIX + notice.subscription, now)
        yield _LET_GO, (PREFIX + notice.subscription,)
    yield _TELL, (now, notice.subscription)


def _sent(entries: Sequence[OutboxEntry], now: int) -> Doing:
    for name in destination_rows(entries):
        yield INSERT_DESTINATION, name
    for row in entry_rows(entries, now):
        yield INSERT, row


def _spans(first: int, count: int, together: int) -> Iterator[tuple[int, int]]:
    for begin in range(first, first + count, together) if together else ():
        yield begin, min(begin + together, first + count) - 1


def event_message(id_: str, started: int, first: int, last: int) -> OutboxEntry:
    """The message that tells events from one number to another: not what they are, which is looked up when it is delivered. Where the
    numbers begin again with 1, they began behind another change, so no key is that of another message."""
    numbers = str(first) if first == last else f"{first}-{last}"
    return message(id_, f"{started}.{numbers}", "event-notification", first, last)


def message(id_: str, key: str, kind: NoticeKind, first: int = 0, last: int = 0) -> OutboxEntry:
    """One lane for a subscription, so that its messages come in the order of their numbers."""
    name = PREFIX + id_
    body = encode_json({"type": kind} | ({"first": first, "last": last} if first else {}))
    return OutboxEntry(name, key, body, "application/json", lane=name)


def _by_subscription(one: Occurrence) -> str:
    return one.subscription


def _subscriber(row: tuple[object, ...]) -> Subscriber:
    id_, owner, headers, *numbers = row
    return Subscriber(str(id_), bytes(owner), bytes(headers), *numbers)  # type: ignore[arg-type, call-overload]
