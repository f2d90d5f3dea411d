"""A query on a connection: one page of matches, what they include, and the total."""

from __future__ import annotations

import sqlite3
from typing import Any

from fhir_server.model.issue import Category, fault
from fhir_server.search.page import page_token
from fhir_server.search.query import Query
from fhir_server.search.sql import MAX_INCLUDED, after_row, count_sql, includes_sql, to_sql
from fhir_server.store.sqlite.reading import VERSION_COLUMNS, page_of
from fhir_server.store.stored import SearchPage, Stored

_STORED = slice(1, 8)
"""The columns of a row that make a `Stored`; the pk stands before them, sort values after."""

_CONTENT = 1 + VERSION_COLUMNS.split(", ").index("content")


def search(connection: sqlite3.Connection, query: Query) -> SearchPage:
    """The page that the query asks for, as it stands at one moment."""
    connection.execute("BEGIN")
    try:
        return _page(connection, query)
    finally:
        connection.execute("COMMIT")


def matching_ids(connection: sqlite3.Connection, query: Query) -> tuple[str, ...]:
    """The ids of the first two matches, sorted."""
    statement = to_sql(query, limit=2, only_ids=True)
    return tuple(sorted(row[2] for row in connection.execute(statement.sql, statement.values)))


def _page(connection: sqlite3.Connection, query: Query) -> SearchPage:
    if query.counts_only:
        return SearchPage([], total=_count(connection, query))
    statement = to_sql(query)
    page, more = page_of(connection.execute(statement.sql, statement.values), query.count, _CONTENT)
    return SearchPage(
        [Stored(*row[_STORED]) for row in page],
        _includes(connection, query, [row[0] for row in page]),
        _total(connection, query, page, more),
        page_token(after_row(page[-1])) if more else None,
    )


def _total(connection: sqlite3.Connection, query: Query, page: list[Any], more: bool) -> int | None:
    """Given unless `_total=none`; a first page that holds everything need not be counted."""
    if query.total == "none":
        return None
    if query.after is None and not more:
        return len(page)
    return _count(connection, query)


def _count(connection: sqlite3.Connection, query: Query) -> int:
    statement = count_sql(query)
    return int(connection.execute(statement.sql, statement.values).fetchone()[0])


def _includes(connection: sqlite3.Connection, query: Query, pks: list[int]) -> list[Stored]:
    statement = includes_sql(query, pks)
    if statement is None:
        return []
    rows = connection.execute(statement.sql, statement.values).fetchall()
    if len(rows) > MAX_INCLUDED:
        sentence = f"The page would include more than {MAX_INCLUDED} resources; ask for a smaller _count."
        raise fault(Category.TOO_LARGE, "too-costly", sentence)
    return [Stored(*row[_STORED]) for row in rows]
