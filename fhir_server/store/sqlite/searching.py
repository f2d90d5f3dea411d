"""A query on a connection: one page of matches, what they include, and the total."""

from __future__ import annotations

import sqlite3
from typing import Any

from fhir_server.search.including import Included, including
from fhir_server.search.query import Query
from fhir_server.search.sql import count_sql, to_sql
from fhir_server.search.total import count_limit, known_total
from fhir_server.search.turning import in_order, tokens
from fhir_server.store.sqlite.reading import VERSION_COLUMNS, page_of
from fhir_server.store.stored import SearchPage, Stored

_STORED = slice(1, 8)
"""The columns of a row that make a `Stored`; the pk stands before them, sort values after."""

_CONTENT = 1 + VERSION_COLUMNS.split(", ").index("content")


def search(connection: sqlite3.Connection, query: Query) -> SearchPage:
    """The page that the query asks for, as it stands at one moment."""
    if query.total == "none" and not query.includes and not query.revincludes:
        return _page(connection, query)  # by one statement, which sees one moment
    connection.execute("BEGIN")
    try:
        return _page(connection, query)
    finally:
        connection.commit()  # made anew each time: a kept statement is ended too where its steps, over all its runs, come to a limit


def matching_ids(connection: sqlite3.Connection, query: Query) -> tuple[str, ...]:
    """The ids of the first two matches, sorted."""
    statement = to_sql(query, limit=2, only_ids=True)
    return tuple(sorted(row[2] for row in connection.execute(statement.sql, statement.values)))


def _page(connection: sqlite3.Connection, query: Query) -> SearchPage:
    if query.counts_only:
        return SearchPage([], total=_count(connection, query))
    statement = to_sql(query)
    read, more = page_of(connection.execute(statement.sql, statement.values), query.count, _CONTENT)
    page = in_order(query, read)
    included = _includes(connection, query, [row[0] for row in page])
    return SearchPage(
        [Stored(*row[_STORED]) for row in page],
        [Stored(*row[_STORED]) for row in included.rows],
        _total(connection, query, page, more),
        *tokens(query, page, more),
        included.is_cut,
    )


def _total(connection: sqlite3.Connection, query: Query, page: list[Any], more: bool) -> int | None:
    """A first page that holds everything need not be counted."""
    if query.after is None and not more and query.total != "none":
        return len(page)
    limit = count_limit(query)
    return None if limit == 0 else known_total(_count(connection, query, limit), limit)


def _count(connection: sqlite3.Connection, query: Query, limit: int | None = None) -> int:
    statement = count_sql(query, limit=limit)
    return int(connection.execute(statement.sql, statement.values).fetchone()[0])


def _includes(connection: sqlite3.Connection, query: Query, pks: list[int]) -> Included:
    steps = including(query, pks)
    try:
        statement = next(steps)
        while True:
            statement = steps.send(connection.execute(statement.sql, statement.values).fetchall())
    except StopIteration as end:
        included: Included = end.value
        return included
