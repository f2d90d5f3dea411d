"""A query on a connection: one page of matches, what they include, and the total. Each is a statement that sees the newest state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fhir_server.model.issue import Category, fault
from fhir_server.search.dialect import POSTGRESQL, Statement
from fhir_server.search.including import Included, including
from fhir_server.search.query import Query
from fhir_server.search.sql import count_sql, to_sql
from fhir_server.search.total import count_limit, known_total
from fhir_server.search.turning import in_order, tokens
from fhir_server.store.postgresql.connection import Connection
from fhir_server.store.postgresql.reading import page_of, whole
from fhir_server.store.postgresql.text import fitted_values
from fhir_server.store.stored import SearchPage, Stored

_STORED = slice(1, 8)
"""The columns of a row that make a `Stored`; the pk stands before them, sort values after."""

MOST_VALUES = 2**15 - 1


async def search(connection: Connection, query: Query) -> SearchPage:
    """The page that the query asks for."""
    if query.counts_only:
        return SearchPage([], total=await _count(connection, query))
    rows = await _rows(connection, to_sql(query, dialect=POSTGRESQL))
    read, more = await page_of(connection, [Stored(*row[_STORED]) for row in rows], query.count)
    page, rows = in_order(query, read), in_order(query, rows[: len(read)])
    included = await _includes(connection, query, [row[0] for row in rows])
    return SearchPage(
        page,
        [await whole(connection, Stored(*row[_STORED])) for row in included.rows],
        await _total(connection, query, page, more),
        *tokens(query, rows, more),
        included.is_cut,
    )


async def matching_ids(connection: Connection, query: Query) -> tuple[str, ...]:
    """The ids of the first two matches, sorted."""
    rows = await _rows(connection, to_sql(query, limit=2, only_ids=True, dialect=POSTGRESQL))
    return tuple(sorted(row[2] for row in rows))


async def _rows(connection: Connection, statement: Statement) -> list[Any]:
    if len(statement.values) > MOST_VALUES:
        sentence = f"The search needs more than {MOST_VALUES} values, which PostgreSQL does not take; ask in several."
        raise fault(Category.TOO_LARGE, "too-costly", sentence)
    rows: list[Any] = await connection.fetch(statement.sql, *fitted_values(statement.values))
    return rows


async def _total(connection: Connection, query: Query, page: Sequence[Stored], more: bool) -> int | None:
    """A first page that holds everything need not be counted."""
    if query.after is None and not more and query.total != "none":
        return len(page)
    limit = count_limit(query)
    return None if limit == 0 else known_total(await _count(connection, query, limit), limit)


async def _count(connection: Connection, query: Query, limit: int | None = None) -> int:
    ((number,),) = await _rows(connection, count_sql(query, limit=limit, dialect=POSTGRESQL))
    return int(number)


async def _includes(connection: Connection, query: Query, pks: list[int]) -> Included:
    steps = including(query, pks, POSTGRESQL)
    try:
        statement = next(steps)
        while True:
            statement = steps.send(await _rows(connection, statement))
    except StopIteration as end:
        included: Included = end.value
        return included
