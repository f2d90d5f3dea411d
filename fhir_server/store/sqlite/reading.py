"""Point reads and history on a connection; synchronous, called from whichever thread owns the connection."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable
from typing import Any

from fhir_server.search.dialect import SQLITE
from fhir_server.search.sight.grant import Grant
from fhir_server.search.sight.sql import grants_sql
from fhir_server.store.page import page_is_full
from fhir_server.store.stored import CURRENT_AT, CURRENT_WHEN, HistoryPage, Period, Stored

VERSION_COLUMNS = "type, id, version, updated, method, content, seq"
_READ = f"""SELECT {", ".join("v." + name for name in VERSION_COLUMNS.split(", "))}
FROM resource r JOIN version v ON v.seq = r.seq WHERE r.type = ? AND r.id = ?"""
_VREAD = f"""SELECT {VERSION_COLUMNS} FROM version
WHERE pk = (SELECT pk FROM resource WHERE type = ? AND id = ?) AND version = ?"""

_AS_OF = f"""SELECT {VERSION_COLUMNS} FROM version
WHERE {CURRENT_WHEN.format(type="?1", after="?2", seq="?3", since="?4", until="?5")} ORDER BY seq LIMIT ?6"""

_NEWEST_OF = "SELECT max(seq) AS seq FROM version WHERE type = ?"
_CONTENT = VERSION_COLUMNS.split(", ").index("content")


def page_of(rows: Iterable[tuple[Any, ...]], count: int, content: int) -> tuple[list[tuple[Any, ...]], bool]:
    """At most `count` rows, fewer where their contents (column number `content`) grow large, and whether there are more."""
    page: list[tuple[Any, ...]] = []
    size = 0
    for row in rows:
        if page_is_full(len(page), size, count):
            return page, True
        page.append(row)
        size += len(row[content] or b"")
    return page, False


def stored(row: tuple[Any, ...]) -> Stored:
    """A row of VERSION_COLUMNS."""
    return Stored(*row)


def read(connection: sqlite3.Connection, type_name: str, id_: str) -> Stored | None:
    row = connection.execute(_READ, (type_name, id_)).fetchone()
    return Stored(*row) if row else None


def vread(connection: sqlite3.Connection, type_name: str, id_: str, version: int) -> Stored | None:
    row = connection.execute(_VREAD, (type_name, id_, version)).fetchone()
    return Stored(*row) if row else None


def changes(connection: sqlite3.Connection, after: int, types: Collection[str], limit: int) -> list[Stored]:
    marks = ",".join("?" * len(types))
    sql = f"SELECT {VERSION_COLUMNS} FROM version WHERE seq > ? AND type IN ({marks}) ORDER BY seq LIMIT ?"
    return [Stored(*row) for row in connection.execute(sql, (after, *types, limit))]


def grants(connection: sqlite3.Connection, actors: Collection[str], persons: Collection[str] | None) -> list[Grant]:
    """See `Store.grants`."""
    statement = SQLITE.statement(grants_sql(actors, persons, SQLITE))
    return [Grant(*row) for row in connection.execute(statement.sql, statement.values)]


def newest_of(connection: sqlite3.Connection, types: Collection[str]) -> int:
    """See `Store.newest_of`; a look into the index for each type, in one statement."""
    union = " UNION ALL ".join([_NEWEST_OF] * len(types))
    return int(connection.execute(f"SELECT coalesce(max(seq), 0) FROM ({union})", tuple(types)).fetchone()[0])


def as_of(connection: sqlite3.Connection, type_name: str, after: int, seq: int, since: int, until: int, count: int) -> list[Stored]:
    """One page of `Store.as_of`."""
    rows, _ = page_of(connection.execute(_AS_OF, (type_name, after, seq, since, until, count)), count, _CONTENT)
    return [Stored(*row) for row in rows]


def history(
    connection: sqlite3.Connection, type_name: str | None, id_: str | None, count: int, before: int | None, since: int | None,
    at: Period | None = None, oldest_first: bool = False,
) -> HistoryPage:  # fmt: skip
    """One page; `before` is the seq at which it begins, exclusive."""
    scope, values = _scope(type_name, id_, since, at)
    (total,) = connection.execute(f"SELECT count(*) FROM version WHERE {scope}", values).fetchone()
    begins, order = ("seq > ?", "ASC") if oldest_first else ("seq < ?", "DESC")
    sql = f"SELECT {VERSION_COLUMNS} FROM version WHERE {scope} AND {begins} ORDER BY seq {order} LIMIT ?"
    start = before if before is not None else 0 if oldest_first else 2**62
    rows, more = page_of(connection.execute(sql, [*values, start, count + 1]), count, _CONTENT)
    versions = [Stored(*row) for row in rows]
    return HistoryPage(versions, versions[-1].seq if more and versions else None, total)


def _scope(type_name: str | None, id_: str | None, since: int | None, at: Period | None) -> tuple[str, list[Any]]:
    terms: list[tuple[str, list[Any]]] = [("1", [])]
    if type_name and id_:
        terms = [("pk = (SELECT pk FROM resource WHERE type = ? AND id = ?)", [type_name, id_])]
    elif type_name:
        terms = [("type = ?", [type_name])]
    if since is not None:
        terms.append(("updated >= ?", [since]))
    if at is not None:
        terms.append((CURRENT_AT.format(last="?", first="?"), [at[1], at[0]]))
    return " AND ".join(sql for sql, _ in terms), [value for _, values in terms for value in values]
