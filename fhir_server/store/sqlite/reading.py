"""Point reads and history on a connection; synchronous, called from whichever thread owns the connection."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

from fhir_server.store.stored import HistoryPage, Stored

VERSION_COLUMNS = "type, id, version, updated, method, content, seq"
_READ = f"""SELECT {", ".join("v." + name for name in VERSION_COLUMNS.split(", "))}
FROM resource r JOIN version v ON v.seq = r.seq WHERE r.type = ? AND r.id = ?"""
_VREAD = f"""SELECT {VERSION_COLUMNS} FROM version
WHERE pk = (SELECT pk FROM resource WHERE type = ? AND id = ?) AND version = ?"""


PAGE_BYTES = 64 * 2**20
"""A page that holds more ends early, with a next page behind it: `_count=1000` of large attachments must not fill the memory."""

_CONTENT = VERSION_COLUMNS.split(", ").index("content")


def page_of(rows: Iterable[tuple[Any, ...]], count: int, content: int) -> tuple[list[tuple[Any, ...]], bool]:
    """At most `count` rows, fewer where their contents (column number `content`) grow large, and whether there are more."""
    page: list[tuple[Any, ...]] = []
    size = 0
    for row in rows:
        if len(page) == count or size > PAGE_BYTES:
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


def history(
    connection: sqlite3.Connection, type_name: str | None, id_: str | None, count: int, before: int | None, since: int | None
) -> HistoryPage:
    """One page; `before` is the seq at which it begins, exclusive."""
    scope, values = _scope(type_name, id_, since)
    (total,) = connection.execute(f"SELECT count(*) FROM version WHERE {scope}", values).fetchone()
    sql = f"SELECT {VERSION_COLUMNS} FROM version WHERE {scope} AND seq < ? ORDER BY seq DESC LIMIT ?"
    rows, more = page_of(connection.execute(sql, [*values, 2**62 if before is None else before, count + 1]), count, _CONTENT)
    versions = [Stored(*row) for row in rows]
    return HistoryPage(versions, versions[-1].seq if more and versions else None, total)


def _scope(type_name: str | None, id_: str | None, since: int | None) -> tuple[str, list[Any]]:
    terms: list[tuple[str, list[Any]]] = [("1", [])]
    if type_name and id_:
        terms = [("pk = (SELECT pk FROM resource WHERE type = ? AND id = ?)", [type_name, id_])]
    elif type_name:
        terms = [("type = ?", [type_name])]
    if since is not None:
        terms.append(("updated >= ?", [since]))
    return " AND ".join(sql for sql, _ in terms), [value for _, values in terms for value in values]
