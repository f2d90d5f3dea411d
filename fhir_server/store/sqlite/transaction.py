"""Inside the writer: conditions are checked, versions numbered, rows made. Reads come before writes, so a refusal changes nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from fhir_server.store.audit_chain import Chain, Links, Sealed, completed
from fhir_server.store.change import Change, Commit, Condition, InboxSettlement, Result, StaleCondition, Write
from fhir_server.store.decision import Current, NewVersion, check_version, decide, time_of_group
from fhir_server.store.inbox import SETTLE, processed_already
from fhir_server.store.indexing import Renewal
from fhir_server.store.outbox import OutboxEntry, not_its_owners
from fhir_server.store.outbox_statements import INSERT, INSERT_DESTINATION, destination_rows, entry_rows, settled
from fhir_server.store.sqlite.audit import links_of
from fhir_server.store.sqlite.carrying_out import carried_out
from fhir_server.store.sqlite.reading import VERSION_COLUMNS, stored
from fhir_server.store.sqlite.rows import PendingRows, delete_index_rows
from fhir_server.store.sqlite.searching import matching_ids
from fhir_server.store.stored import Stored
from fhir_server.store.subscription import TYPE
from fhir_server.store.subscription_statements import registered

_STATE = """SELECT coalesce((SELECT max(pk) FROM resource), 0), coalesce((SELECT max(seq) FROM version), 0),
    coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'version'), 0),
    coalesce((SELECT updated FROM version ORDER BY seq DESC LIMIT 1), 0), (SELECT generation FROM reindexing_control)"""
"""What a group begins with, in one statement: after each, Python's lock has to be won back."""


class WriteTransaction:
    """One group of commits. All share one `updated`, later by at least a millisecond than any earlier commit's:
    who asks for `_lastUpdated=gt` the newest time he saw misses nothing.
    """

    def __init__(self, connection: sqlite3.Connection, now: int, chain: Chain, links: Links | None = None):
        """`links`: where the chain of this process stands, if that is known."""
        self.connection = connection
        self._chain = chain
        self.links = links
        self._rows = PendingRows()
        pk, seq, highest, updated, generation = connection.execute(_STATE).fetchone()
        self._pk: int = pk
        self._seq: int = max(seq, highest)
        self.updated = time_of_group(now, updated)
        self.generation: int = generation

    def flush(self) -> None:
        if self.links is not None:
            self._rows.add_all("audit", self.links.taken())
        self._rows.flush(self.connection)

    def audit(self, entries: Iterable[Sealed]) -> None:
        """Add entries to the chain of this process."""
        if self.links is None:
            self.links = links_of(self.connection, self._chain, self.updated)
        self.links.add(entries)

    def apply(self, commit: Commit) -> list[Result]:
        """All changes of a commit; raises StaleCondition or FhirError before anything is written."""
        if commit.conditions:
            self.flush()
        for condition in commit.conditions:
            self._check(condition)
        current = [self._current(change) for change in commit.changes]
        for change, now in zip(commit.changes, current, strict=True):
            check_version(change, now)
        if commit.settles:
            self.settle(commit.settles)
        if commit.delivered and not carried_out(self.connection, settled([commit.delivered])):
            raise not_its_owners(commit.delivered.number)
        results = [self._change(change, now) for change, now in zip(commit.changes, current, strict=True)]
        if commit.audit:
            self.audit(completed(commit.audit, results))
        if commit.sends:
            self.send(commit.sends)
        if any(change.type == TYPE for change in commit.changes):
            carried_out(self.connection, registered(commit.subscribers, results, self.updated))
        return results

    def send(self, entries: Sequence[OutboxEntry]) -> None:
        """Put messages into the outbox, in their order."""
        self.connection.executemany(INSERT_DESTINATION, destination_rows(entries))
        self.connection.executemany(INSERT, entry_rows(entries, self.updated))

    def settle(self, settlement: InboxSettlement) -> None:
        """Mark an inbox row processed; its note is kept where there is no new one. CONFLICT where it is processed already."""
        rows = self.connection.execute(SETTLE, (settlement.reply, settlement.note, settlement.number)).fetchall()
        if not rows:
            raise processed_already(settlement.number)

    def renew(self, renewals: Sequence[Renewal]) -> None:
        """Replace index rows of resources that have still the version they were made from, and take these off the queue."""
        self.flush()
        marks = ",".join("?" * len(renewals))
        sql = f"SELECT pk, version FROM resource WHERE pk IN ({marks})"
        standing = dict(self.connection.execute(sql, [one.pk for one in renewals]).fetchall())
        current = [one for one in renewals if standing.get(one.pk) == one.version]
        delete_index_rows(self.connection, [one.pk for one in current])
        for one in current:
            if one.index is not None:
                self._rows.add_index(one.pk, one.index)
        self.connection.executemany("DELETE FROM reindexing_queue WHERE pk = ?", [(one.pk,) for one in current])

    def _check(self, condition: Condition) -> None:
        if matching_ids(self.connection, condition.query) != condition.ids:
            raise StaleCondition

    def _current(self, change: Change) -> Current | None:
        if isinstance(change, Write) and change.fresh:
            return None
        self.flush()
        sql = "SELECT pk, version, deleted FROM resource WHERE type = ? AND id = ?"
        row = self.connection.execute(sql, (change.type, change.id)).fetchone()
        return Current(row[0], row[1], bool(row[2])) if row else None

    def _change(self, change: Change, now: Current | None) -> Result:
        decision = decide(change, now, lambda: self._stored(now), self.updated)
        if isinstance(decision, Result):
            return decision
        new = self._append(change, now, decision)
        if isinstance(change, Write):
            pk = self._pk_of(now)
            self._rows.add_index(pk, change.index)
            if change.generation != self.generation:
                self.connection.execute("INSERT OR IGNORE INTO reindexing_queue (pk) VALUES (?)", (pk,))
        return Result(decision.status, new)

    def _pk_of(self, now: Current | None) -> int:
        return now.pk if now else self._pk

    def _stored(self, now: Current | None) -> Stored:
        assert now is not None
        sql = f"SELECT {VERSION_COLUMNS} FROM version WHERE pk = ? AND version = ?"
        return stored(self.connection.execute(sql, (now.pk, now.version)).fetchone())

    def _append(self, change: Change, now: Current | None, new: NewVersion) -> Stored:
        self._seq += 1
        if now:
            delete_index_rows(self.connection, (now.pk,))
        else:
            self._pk += 1
        pk, deleted = self._pk_of(now), int(new.content is None)
        self._rows.add("resource", (pk, change.type, change.id, self._seq, new.version, deleted, self.updated))
        self._rows.add_version((self._seq, pk, new.version, change.type, change.id, new.method, self.updated, new.content))
        return Stored(change.type, change.id, new.version, self.updated, new.method, new.content, self._seq)
