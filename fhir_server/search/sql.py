# ruff: noqa: S608 - the texts are put together from our own names only; every value is bound
"""A query as a statement over the tables of `resource`, `version` and `index_*`: one page of its matches, or their number.

`fhir_server.search.selection` says which resources match, `page_rows` which of them are on the page, `order` in what order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fhir_server.search.dialect import SQLITE, Dialect, Sql, Statement
from fhir_server.search.order import order_by
from fhir_server.search.page import After, Key
from fhir_server.search.page_rows import merged, one_value_each, page_rows
from fhir_server.search.query import Query
from fhir_server.search.selection import Selecting, selection
from fhir_server.search.statement_form import formed

COLUMNS = "pk, type, id, version, updated, method, content, seq"
"""Of each row of `to_sql`; the sort values follow (`after_row`)."""


def to_sql(query: Query, *, limit: int | None = None, only_ids: bool = False, dialect: Dialect = SQLITE) -> Statement:
    """The matches of one page in the asked order, with one row more than `query.count` (or `limit` rows) to tell whether there is a next.

    A page that is read backwards comes in the reverse order: first the row nearest to where it ends.
    Rows are COLUMNS, then the sort values; with `only_ids` pk, type, id.
    """
    rows = query.count + 1 if limit is None else limit
    return formed(query, rows, only_ids, dialect, _statement) or _statement(query, rows, only_ids, dialect)


def _statement(query: Query, rows: int, only_ids: bool, dialect: Dialect) -> Statement:
    draft = Selecting(dialect, query.sight)
    page = page_rows(query, rows, draft)
    tables = f"({page.text}) p CROSS JOIN resource r"
    if only_ids:
        text = f"SELECT r.pk, r.type, r.id FROM {tables} WHERE r.pk = p.pk {order_by(query, 'p')}"
    else:
        columns = result_columns(dialect) + "".join(f", p.s{number}" for number in range(len(query.sort)))
        text = f"SELECT {columns} FROM {tables} CROSS JOIN version v WHERE r.pk = p.pk AND v.seq = r.seq {order_by(query, 'p')}"
    return dialect.statement(draft.complete(Sql(text, page.values)))


def result_columns(dialect: Dialect) -> str:
    """COLUMNS of the resource r and its version v."""
    return f"r.pk, v.type, v.id, v.version, v.updated, v.method, {dialect.content('v.content')}, v.seq"


def after_row(row: Sequence[Key], *, backwards: bool = False) -> After:
    """The page token's content for the page that follows this row of `to_sql`; `backwards`, for the one before it."""
    return After(tuple(row[len(COLUMNS.split(", ")) :]), int(row[0]), backwards)


def count_sql(query: Query, *, limit: int | None = None, dialect: Dialect = SQLITE) -> Statement:
    """One row with the number of all matches, whatever the page; counted no further than `limit` rows of the index if there is one."""
    draft = Selecting(dialect, query.sight)
    counted = _number(query, draft) if limit is None else _number_up_to(limit, query, draft)
    return dialect.statement(draft.complete(counted))


def _number(query: Query, draft: Selecting) -> Sql:
    found = selection(query.searched_types, query.clauses, draft)
    what = "*" if found.distinct else f"DISTINCT {found.pk}"
    return Sql(f"SELECT count({what}) FROM {found.source} WHERE {found.where.text}", found.where.values)


def _number_up_to(limit: int, query: Query, draft: Selecting) -> Sql:
    if parts := one_value_each(replace(query, sort=(), after=None)):
        first = merged(parts, limit, draft)
        return Sql(f"SELECT count(*) FROM ({first.text}) d", first.values)
    found = selection(query.searched_types, query.clauses, draft)
    number = "CASE WHEN count(*) < ? THEN count(DISTINCT pk) ELSE ? END"  # DISTINCT inside would first read and sort all
    rows = f"SELECT {found.pk} AS pk FROM {found.source} WHERE {found.where.text} LIMIT ?"
    return Sql(f"SELECT {number} FROM ({rows}) d", (limit, limit, *found.where.values, limit))
