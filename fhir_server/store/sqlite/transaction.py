"""Inside the writer: conditions are checked, versions numbered, rows made. Reads come before writes, so a refusal changes nothing."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from fhir_server.model.issue import Category, fault
from fhir_server.store.change import Change, Commit, Condition, Deletion, InboxSettlement, Result, StaleCondition, Write
from fhir_server.store.sqlite.reading import VERSION_COLUMNS, stored
from fhir_server.store.sqlite.rows import PendingRows, delete_index_rows
from fhir_server.store.sqlite.searching import matching_ids
from fhir_server.store.stored import Method, Stored

_MILLISECOND = 1000


@dataclass(frozen=True, slots=True)
class _Current:
    """What stands under a type and id now."""

    pk: int
    version: int
    deleted: bool


class WriteTransaction:
    """One group of commits. All share one `updated`, later by at least a millisecond than any earlier commit's:
    who asks for `_lastUpdated=gt` the newest time he saw misses nothing.
    """

    def __init__(self, connection: sqlite3.Connection, now: int):
        self.connection = connection
        self._rows = PendingRows()
        self._pk: int = connection.execute("SELECT coalesce(max(pk), 0) FROM resource").fetchone()[0]
        last = connection.execute("SELECT seq, updated FROM version ORDER BY seq DESC LIMIT 1").fetchone() or (0, 0)
        highest = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'version'").fetchone() or (0,)
        self._seq: int = max(last[0], highest[0])
        self.updated = max(now - now % _MILLISECOND, last[1] + _MILLISECOND)

    def flush(self) -> None:
        self._rows.flush(self.connection)

    def apply(self, commit: Commit) -> list[Result]:
        """All changes of a commit; raises StaleCondition or FhirError before anything is written."""
        if commit.conditions:
            self.flush()
        for condition in commit.conditions:
            self._check(condition)
        current = [self._current(change) for change in commit.changes]
        for change, now in zip(commit.changes, current, strict=True):
            _check_version(change, now)
        if commit.settles:
            self.settle(commit.settles)
        return [self._change(change, now) for change, now in zip(commit.changes, current, strict=True)]

    def settle(self, settlement: InboxSettlement) -> None:
        """Mark an inbox row processed; its note is kept where there is no new one."""
        self.connection.execute(
            "UPDATE inbox SET status = 'processed', attempts = attempts + 1, reply = ?, note = coalesce(?, note) WHERE number = ?",
            (settlement.reply, settlement.note, settlement.number),
        )

    def _check(self, condition: Condition) -> None:
        if matching_ids(self.connection, condition.query) != condition.ids:
            raise StaleCondition

    def _current(self, change: Change) -> _Current | None:
        if isinstance(change, Write) and change.fresh:
            return None
        self.flush()
        sql = "SELECT pk, version, deleted FROM resource WHERE type = ? AND id = ?"
        row = self.connection.execute(sql, (change.type, change.id)).fetchone()
        return _Current(row[0], row[1], bool(row[2])) if row else None

    def _change(self, change: Change, now: _Current | None) -> Result:
        if isinstance(change, Deletion):
            return self._delete(change, now)
        if now and not now.deleted and (same := self._unchanged(change, now)):
            return Result("unchanged", same)
        content = change.body.render(now.version + 1 if now else 1, self.updated)
        new = self._append(change, now, "PUT" if now or not change.fresh else "POST", content)
        self._rows.add_index(self._pk_of(now), change.index)
        return Result("updated" if now and not now.deleted else "created", new)

    def _pk_of(self, now: _Current | None) -> int:
        return now.pk if now else self._pk

    def _delete(self, change: Deletion, now: _Current | None) -> Result:
        if now is None:
            return Result("absent", None)
        if now.deleted:
            return Result("absent", self._stored(now))
        return Result("deleted", self._append(change, now, "DELETE", None))

    def _unchanged(self, change: Write, now: _Current) -> Stored | None:
        """The current version where it says the same already: no new version is made of it."""
        standing = self._stored(now)
        return standing if standing.content == change.body.render(now.version, standing.updated) else None

    def _stored(self, now: _Current) -> Stored:
        sql = f"SELECT {VERSION_COLUMNS} FROM version WHERE pk = ? AND version = ?"
        return stored(self.connection.execute(sql, (now.pk, now.version)).fetchone())

    def _append(self, change: Change, now: _Current | None, method: Method, content: bytes | None) -> Stored:
        self._seq += 1
        if now:
            delete_index_rows(self.connection, (now.pk,))
        else:
            self._pk += 1
        pk, version = self._pk_of(now), now.version + 1 if now else 1
        self._rows.add("resource", (pk, change.type, change.id, self._seq, version, int(content is None), self.updated))
        self._rows.add("version", (self._seq, pk, version, change.type, change.id, method, self.updated, content))
        return Stored(change.type, change.id, version, self.updated, method, content, self._seq)


def _check_version(change: Change, now: _Current | None) -> None:
    wanted = change.if_match
    if wanted is not None and (now is None or now.version != wanted):
        found = f"its version is {now.version}" if now else "there is no such resource"
        sentence = f"{change.type}/{change.id} was to have version {wanted} (If-Match), but {found}. Read it again and repeat the change."
        raise fault(Category.PRECONDITION, "conflict", sentence)
