"""What the outbox does on a database, the same on each: generators that yield a statement (with `?`), are sent its rows, and return.

One generator is one transaction. `SKIPPING` stands where PostgreSQL skips a destination that another worker looks at just now.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from fhir_server.store.audit_statements import Statement
from fhir_server.store.erasure import ERASED_MESSAGE
from fhir_server.store.newest import Before, newest
from fhir_server.store.outbox import (
    COLUMNS,
    ENTRY,
    KEPT,
    DestinationState,
    OutboxClaim,
    OutboxEntry,
    OutboxFilter,
    OutboxRow,
    OutboxSettlement,
    OutboxTally,
    later,
)

Rows = list[tuple[Any, ...]]
T = TypeVar("T")
Work = Generator[Statement, Rows, T]

SKIPPING = "/* FOR UPDATE SKIP LOCKED */"
SECOND = 1_000_000
SKEW = 60 * SECOND
"""What the clocks of two machines may differ by."""

INSERT = f"INSERT INTO outbox ({ENTRY}, due) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT (destination, key) DO NOTHING"
INSERT_DESTINATION = "INSERT INTO outbox_destination (name) VALUES (?) ON CONFLICT (name) DO NOTHING"

_STATE = "SELECT name, paused, held, paced FROM outbox_destination"
_WAITED_FOR = """SELECT name FROM outbox_destination d WHERE paused = 0 AND held NOT BETWEEN ? AND ?
AND EXISTS (SELECT 1 FROM outbox o WHERE o.destination = d.name AND o.status = 'waiting') ORDER BY name"""
_LATER = "{row}.due BETWEEN ? AND ? OR {row}.leased BETWEEN ? AND ?"
_BEFORE = "SELECT 1 FROM outbox b WHERE b.destination = o.destination AND b.lane = o.lane AND b.number < o.number"
_PUT_OFF = f"{_BEFORE} AND b.status = 'waiting' AND b.attempts > 0 AND ({_LATER.format(row='b')})"
"""Only what was given out once has to wait or has an owner. Without `attempts` all that waits in the lane would be looked at, for each."""
_STRICT = f" AND (o.lane = '' OR NOT EXISTS ({_BEFORE} AND b.status = 'dead' AND b.note <> '{ERASED_MESSAGE}'))"
_CLAIM = f"""UPDATE outbox SET owner = ?, leased = ?, attempts = attempts + 1 WHERE number IN (
    SELECT number FROM outbox o WHERE o.destination = ? AND o.status = 'waiting' AND NOT ({_LATER.format(row="o")})
    AND (o.lane = '' OR NOT EXISTS ({_PUT_OFF})){{strict}} ORDER BY o.number LIMIT ?)
RETURNING {COLUMNS}"""
_AGAIN = "UPDATE outbox_destination SET held = ?, paced = ? WHERE name = ?"
_SETTLED = "(CAST(? AS bigint), CAST(? AS text), CAST(? AS text), CAST(? AS bigint), CAST(? AS text), CAST(? AS bigint), CAST(? AS bigint))"
_SETTLE = """WITH settled (number, owner, status, now, note, due, tried) AS (VALUES {values})
UPDATE outbox SET status = s.status, note = s.note, due = s.due, attempts = attempts - 1 + s.tried, owner = '', leased = 0,
    ended = CASE s.status WHEN 'waiting' THEN 0 ELSE s.now END
FROM settled s WHERE outbox.number = s.number AND outbox.owner = s.owner AND s.owner <> '' RETURNING outbox.number"""
"""Only a message that waits has an owner. If its status were asked for too, PostgreSQL would look through all that wait for each one."""
_REPLAY = """UPDATE outbox SET status = 'waiting', due = 0, expires = -1, attempts = 0, owner = '', leased = 0, ended = 0
WHERE status <> 'waiting' AND note <> ?"""
_TALLY = """SELECT destination, status, count(*), min(created), CAST(sum(attempts) AS bigint) FROM outbox
WHERE status = 'waiting' OR status = 'dead' GROUP BY destination, status ORDER BY destination, status"""


def entry_rows(entries: Sequence[OutboxEntry], now: int) -> list[tuple[Any, ...]]:
    """The values of INSERT."""
    return [(one.destination, one.lane, one.key, one.address, one.content_type, one.body, one.about, now, one.expires) for one in entries]


def destination_rows(entries: Sequence[OutboxEntry]) -> list[tuple[Any, ...]]:
    """The values of INSERT_DESTINATION."""
    return [(name,) for name in sorted({one.destination for one in entries})]


def destinations() -> Work[list[DestinationState]]:
    rows = yield f"{_STATE} ORDER BY name", ()
    return [_state(row) for row in rows]


def waited_for(now: int) -> Work[list[str]]:
    rows = yield _WAITED_FOR, later(now)
    return [str(name) for (name,) in rows]


def claimed(claim: OutboxClaim) -> Work[list[OutboxRow]]:
    """The destination's row is looked at by one worker at a time, so that two never share a lane between them."""
    found = yield f"{_STATE} WHERE name = ? {SKIPPING}", (claim.destination,)
    if not found or not (state := _state(found[0])).is_open(claim.now) or (limit := allowed(claim, state)) < 1:
        return []
    sql = _CLAIM.format(strict=_STRICT if claim.strict else "")
    rows = yield sql, (claim.owner, claim.until, claim.destination, *later(claim.now) * 4, limit)
    if rows and (claim.interval or state.held):
        yield _AGAIN, (claim.until if state.held else 0, paced(claim, state) + len(rows) * claim.interval, claim.destination)
    given = sorted((OutboxRow(*row) for row in rows), key=lambda one: one.number)
    return [replace(one, probe=True) for one in given] if state.held else given


def allowed(claim: OutboxClaim, state: DestinationState) -> int:
    """How many may go: as many as the rate allows, where there is one, a second's worth at once; one to try a circuit that was open."""
    if state.held:
        return 1
    if not claim.interval:
        return claim.limit
    return min(claim.limit, (claim.now - paced(claim, state)) // claim.interval)


def paced(claim: OutboxClaim, state: DestinationState) -> int:
    """From when on the rate counts: what was not used is saved for a second, and a clock that ran ahead does not count."""
    saved = max(SECOND, claim.interval)
    return claim.now - saved if state.paced > claim.now + saved + SKEW else max(state.paced, claim.now - saved)


def settled(settlements: Sequence[OutboxSettlement]) -> Work[int]:
    """How many were their owner's. Filled up to a power of two with the last once more, so that a database plans few statements."""
    filled = [*settlements, *[settlements[-1]] * (2 ** (len(settlements) - 1).bit_length() - len(settlements))]
    values = [value for one in filled for value in (one.number, one.owner, one.status, one.now, one.note, one.due, one.tried)]
    rows = yield _SETTLE.format(values=", ".join([_SETTLED] * len(filled))), values
    return len(rows)


def held(destination: str, until: int) -> Work[None]:
    yield "UPDATE outbox_destination SET held = ? WHERE name = ?", (until, destination)


def paused(destination: str) -> Work[None]:
    yield INSERT_DESTINATION, (destination,)
    yield "UPDATE outbox_destination SET paused = 1 WHERE name = ?", (destination,)


def found(wanted: OutboxFilter, limit: int, after: int) -> Work[list[OutboxRow]]:
    where, values = _where(wanted)
    rows = yield f"SELECT {COLUMNS} FROM outbox WHERE number > ?{where} ORDER BY number LIMIT ?", (after, *values, limit)
    return [OutboxRow(*row) for row in rows]


def found_newest(wanted: OutboxFilter, page: Before) -> Work[list[OutboxRow]]:
    rows = yield newest(KEPT, wanted.columns(), page)
    return [OutboxRow(*row) for row in rows]


def resumed(destination: str) -> Work[None]:
    yield "UPDATE outbox_destination SET paused = 0, held = 0 WHERE name = ?", (destination,)
    yield "UPDATE outbox SET due = 0 WHERE destination = ? AND status = 'waiting' AND due > 0", (destination,)


def replayed(wanted: OutboxFilter) -> Work[int]:
    where, values = _where(wanted)
    rows = yield f"{_REPLAY}{where} RETURNING number", (ERASED_MESSAGE, *values)
    return len(rows)


def purged(wanted: OutboxFilter, before: int) -> Work[int]:
    where, values = _where(wanted)
    rows = yield f"DELETE FROM outbox WHERE status <> 'waiting' AND ended < ?{where} RETURNING number", (before, *values)
    return len(rows)


def tallied() -> Work[list[OutboxTally]]:
    rows = yield _TALLY, ()
    return [OutboxTally(*row) for row in rows]


def _state(row: tuple[Any, ...]) -> DestinationState:
    return DestinationState(row[0], bool(row[1]), row[2], row[3])


def _where(wanted: OutboxFilter) -> tuple[str, list[Any]]:
    given = {name: value for name, value in wanted.columns().items() if value is not None}
    return "".join(f" AND {name} = ?" for name in given), list(given.values())
