"""One group of commits under the lock of all writers: conditions are checked, versions numbered, rows made.

What stands under the ids that are to be changed is read once for the whole group; from then on the group itself knows what it made of it.
Rows are written at the end, or before a search that must see them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from fhir_server.search.rows import IndexRows
from fhir_server.store.audit_chain import Chain, Links, Sealed, completed
from fhir_server.store.audit_statements import numbered
from fhir_server.store.change import Change, Commit, Condition, InboxSettlement, Result, StaleCondition, Write
from fhir_server.store.decision import Current, NewVersion, check_version, decide, time_of_group
from fhir_server.store.inbox import SETTLE, processed_already
from fhir_server.store.indexing import Renewal
from fhir_server.store.large_content import LARGE
from fhir_server.store.outbox import OutboxEntry, not_its_owners
from fhir_server.store.outbox_statements import INSERT, INSERT_DESTINATION, destination_rows, entry_rows, settled
from fhir_server.store.postgresql import audit, rows
from fhir_server.store.postgresql.carrying_out import carried_out
from fhir_server.store.postgresql.connection import Connection
from fhir_server.store.postgresql.filling import fill
from fhir_server.store.postgresql.reading import NUL, VERSION_COLUMNS
from fhir_server.store.postgresql.searching import matching_ids
from fhir_server.store.stored import Stored
from fhir_server.store.subscription import TYPE
from fhir_server.store.subscription_statements import registered

LOCK = 0x70617373_00000002
"""The advisory lock that a writer holds from before it looks until after it has committed, in whichever process it is."""

_BEGIN = f"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SELECT pg_advisory_xact_lock({LOCK})"
_STATE = f"""SELECT s.pk AS last_pk, s.seq AS last_seq, s.updated AS last_updated, pg_current_xact_id()::text AS xid,
    (SELECT generation FROM reindexing_control) AS generation, r.pk, r.deleted,
    {", ".join("v." + name for name in VERSION_COLUMNS.split(", "))}
FROM change_sequence s LEFT JOIN (
    unnest($1::text[], $2::text[]) AS w (type, id)
    JOIN resource r ON r.type = w.type AND r.id = w.id JOIN version v ON v.pk = r.pk AND v.version = r.version) ON true"""
_QUEUE = "INSERT INTO reindexing_queue (pk) SELECT * FROM unnest($1::bigint[]) ON CONFLICT DO NOTHING"
_UNQUEUE = "DELETE FROM reindexing_queue WHERE pk = ANY($1::bigint[])"
_INSERT_ENTRY, _INSERT_DESTINATION = numbered(INSERT), numbered(INSERT_DESTINATION)
_INSERT, _DELETE = rows.insert_statement(), rows.delete_statement()

_Key = tuple[str, str]


class WriteTransaction:
    """Made by `begin`, which waits for the lock; ended by the writer."""

    def __init__(self, connection: Connection, clock: int, found: list[Any], chain: Chain):
        self.connection = connection
        self._chain = chain
        self._links: Links | None = None
        first = found[0]
        self.xid: str = first["xid"]
        self.updated = time_of_group(clock, first["last_updated"])
        self.generation: int = first["generation"]
        self._pk: int = first["last_pk"]
        self._seq: int = first["last_seq"]
        self._current: dict[_Key, tuple[Current, Stored]] = {}
        for row in found:
            if row["pk"] is not None:
                self._current[row["type"], row["id"]] = Current(row["pk"], row["version"], bool(row["deleted"])), Stored(*row[7:])
        self._resources: dict[int, rows.Row] = {}
        self._versions: list[rows.Row] = []
        self._large: dict[int, bytes] = {}
        self._indexes: dict[int, IndexRows] = {}
        self._replaced: set[int] = set()
        self._queued: set[int] = set()

    @classmethod
    async def begin(cls, connection: Connection, clock: int, changes: Iterable[Change], chain: Chain) -> WriteTransaction:
        """`changes` are all that may be asked for."""
        await connection.execute(_BEGIN)
        wanted = list({(one.type, one.id) for one in changes if not (isinstance(one, Write) and one.fresh) and NUL not in one.id})
        found = await connection.fetch(_STATE, [one[0] for one in wanted], [one[1] for one in wanted])
        return cls(connection, clock, found, chain)

    async def apply(self, commit: Commit) -> list[Result]:
        """All changes of a commit; raises StaleCondition or FhirError before anything is changed."""
        for condition in commit.conditions:
            await self._check(condition)
        current = [self._current.get((change.type, change.id)) for change in commit.changes]
        for change, found in zip(commit.changes, current, strict=True):
            check_version(change, found[0] if found else None)
        if commit.settles:
            await self.settle(commit.settles)
        if commit.delivered and not await carried_out(self.connection, settled([commit.delivered])):
            raise not_its_owners(commit.delivered.number)
        results = [self._change(change, found) for change, found in zip(commit.changes, current, strict=True)]
        if commit.audit:
            await self.audit(completed(commit.audit, results))
        if commit.sends:
            await self.send(commit.sends)
        if any(change.type == TYPE for change in commit.changes):
            await carried_out(self.connection, registered(commit.subscribers, results, self.updated))
        return results

    async def send(self, entries: Sequence[OutboxEntry]) -> None:
        """Put messages into the outbox, in their order."""
        await self.connection.executemany(_INSERT_DESTINATION, destination_rows(entries))
        await self.connection.executemany(_INSERT_ENTRY, entry_rows(entries, self.updated))

    async def audit(self, entries: Iterable[Sealed]) -> None:
        """Add entries to the chain of this process."""
        if self._links is None:
            self._links = await audit.links_of(self.connection, self._chain, self.updated)
        self._links.add(entries)

    async def settle(self, settlement: InboxSettlement) -> None:
        """Mark an inbox row processed; its note is kept where there is no new one. CONFLICT where another process did so meanwhile."""
        rows = await self.connection.fetch(numbered(SETTLE), settlement.reply, settlement.note, settlement.number)
        if not rows:
            raise processed_already(settlement.number)

    async def flush(self) -> None:
        """Write what waits: the index rows of former versions go, all new rows come."""
        if self._versions:
            await self._write()
        if self._links is not None and self._links.rows:
            await audit.add(self.connection, self._links, self._links.taken())

    async def renew(self, renewals: Sequence[Renewal]) -> None:
        """Replace index rows of resources that have still the version they were made from, and take these off the queue."""
        await self.flush()
        sql = "SELECT pk, version FROM resource WHERE pk = ANY($1::bigint[])"
        standing = {row[0]: row[1] for row in await self.connection.fetch(sql, [one.pk for one in renewals])}
        current = [one for one in renewals if standing.get(one.pk) == one.version]
        self._replaced = {one.pk for one in current}
        self._indexes = {one.pk: one.index for one in current if one.index is not None}
        await self._write()
        await self.connection.execute(_UNQUEUE, [one.pk for one in current])

    async def _write(self) -> None:
        if self._queued:
            await self.connection.execute(_QUEUE, list(self._queued))
        if self._replaced:
            await self.connection.execute(_DELETE, list(self._replaced))
        columns = rows.arguments(list(self._resources.values()), self._versions, self._indexes)
        await self.connection.execute(_INSERT, *columns, self._pk, self._seq, self.updated)
        for seq, content in self._large.items():
            await fill(self.connection, seq, content)
        for waiting in (self._resources, self._versions, self._large, self._indexes, self._replaced, self._queued):
            waiting.clear()

    async def _check(self, condition: Condition) -> None:
        await self.flush()
        if await matching_ids(self.connection, condition.query) != condition.ids:
            raise StaleCondition

    def _change(self, change: Change, found: tuple[Current, Stored] | None) -> Result:
        now, standing = found or (None, None)
        decision = decide(change, now, lambda: _known(standing), self.updated)
        if isinstance(decision, Result):
            return decision
        return Result(decision.status, self._append(change, now, decision))

    def _append(self, change: Change, now: Current | None, new: NewVersion) -> Stored:
        pk = self._number(now)
        self._seq += 1
        deleted = new.content is None
        self._resources[pk] = (pk, change.type, change.id, self._seq, new.version, int(deleted), self.updated)
        content = new.content
        if content is not None and len(content) >= LARGE:
            self._large[self._seq], content = content, None
        self._versions.append((self._seq, pk, new.version, change.type, change.id, new.method, self.updated, content))
        self._indexes.pop(pk, None)
        if isinstance(change, Write):
            self._indexes[pk] = change.index
            if change.generation != self.generation:
                self._queued.add(pk)
        stored = Stored(change.type, change.id, new.version, self.updated, new.method, new.content, self._seq)
        self._current[change.type, change.id] = Current(pk, new.version, deleted), stored
        return stored

    def _number(self, now: Current | None) -> int:
        """The resource's pk; the index rows that one may have are to go."""
        if now:
            self._replaced.add(now.pk)
            return now.pk
        self._pk += 1
        return self._pk


def _known(standing: Stored | None) -> Stored:
    assert standing is not None
    return standing
