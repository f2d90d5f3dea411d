# ruff: noqa: S608 - the texts are put together from our own names only; every value is bound
"""The rows of one page: their pks and sort values, read by an index no further than the page goes where that is possible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fhir_server.search.clause import ParameterClause
from fhir_server.search.dialect import Sql, all_of, joined
from fhir_server.search.draft import Draft
from fhir_server.search.order import beyond_edge, last, order_by, sort_value, ways
from fhir_server.search.query import Query
from fhir_server.search.row_clause import TABLES
from fhir_server.search.selection import Selection, flat, selection
from fhir_server.search.selectivity import driver_of, in_order_of_pk
from fhir_server.search.sorted_walk import Walk

_MERGED = 20
"""Values of a criterion that are read one after the other, each no further than the page goes."""

_WALKED = {
    "string": "value", "token": "code", "reference": "id", "uri": "value", "date": "low", "number": "low", "quantity": "low",
}  # fmt: skip


def page_rows(query: Query, rows: int, draft: Draft) -> Sql:
    """pk and sort values (s0, s1, ...) of the page's rows."""
    if not query.sort and (parts := one_value_each(query)):
        return merged(parts, rows, draft)
    selected = selection(query.searched_types, query.clauses, draft)
    return _sorted(query, selected, rows) if query.sort else _by_pk(query, selected, rows)


def one_value_each(query: Query) -> list[Query]:
    """The query for each value of the clause that drives, where the matches of each come in the order of pk; empty for one value or many.

    Together they need not be sorted as a whole: thousands that share three codes fill a page as fast as hundreds.
    """
    clauses = tuple(flat(query.clauses))
    driver = driver_of(clauses)
    parts = in_order_of_pk(driver) if isinstance(driver, ParameterClause) else ()
    if not 1 < len(parts) <= _MERGED:
        return []
    return [replace(query, clauses=tuple(part if clause is driver else clause for clause in clauses)) for part in parts]


def merged(parts: Sequence[Query], rows: int, draft: Draft) -> Sql:
    """The first pks of all that one of the queries finds."""
    pages = [page_rows(part, rows, draft) for part in parts]
    union = joined(" UNION ", [Sql(f"SELECT pk FROM ({page.text}) d", page.values) for page in pages])
    return Sql(f"SELECT pk FROM ({union.text}) d {order_by(parts[0], 'd')} LIMIT ?", (*union.values, rows))


def _by_pk(query: Query, selected: Selection, rows: int) -> Sql:
    pk, distinct = selected.pk, "" if selected.distinct else "DISTINCT "
    where = all_of([selected.where, beyond_edge(query, (pk,))])
    order = f"ORDER BY {pk}{' DESC' if ways(query)[-1] else ''} LIMIT ?"
    return Sql(f"SELECT {distinct}{pk} AS pk FROM {selected.source} WHERE {where.text} {order}", (*where.values, rows))


def _sorted(query: Query, selected: Selection, rows: int) -> Sql:
    found = _near(query, _each_once(selected), rows)
    keys = [sort_value(sort, found.pk, found.is_resource) for sort in query.sort]
    columns = "".join(f", {key.text} AS s{number}" for number, key in enumerate(keys))
    key_values = tuple(value for key in keys for value in key.values)
    inner = f"SELECT {found.pk} AS pk{columns} FROM {found.source} WHERE {found.where.text}"
    after = beyond_edge(query, [*(f"k.s{number}" for number in range(len(query.sort))), "k.pk"]) or Sql("1 = 1")
    text = f"SELECT * FROM ({inner}) k WHERE {after.text} {order_by(query, 'k')} LIMIT ?"
    return Sql(text, (*key_values, *found.where.values, *after.values, rows))


def _each_once(selected: Selection) -> Selection:
    if selected.distinct:
        return selected
    once = f"(SELECT DISTINCT {selected.pk} AS pk FROM {selected.source} WHERE {selected.where.text}) d"
    return Selection(once, "d.pk", Sql("1 = 1", selected.where.values), True)


def _near(query: Query, selected: Selection, rows: int) -> Selection:
    """Those of the selection that a walk finds near the page; all of them where none can be walked."""
    walk = _walk(query, selected, rows)
    if walk is None:
        return selected
    near = walk.candidates()
    where = all_of([Sql(f"{selected.pk} = n.pk", near.values), selected.where])
    return replace(selected, source=f"({near.text}) n CROSS JOIN {selected.source}", where=where)


def _walk(query: Query, selected: Selection, rows: int) -> Walk | None:
    """Along the first key of the order, where whole types are searched and that key has an index; forwards, for the way back begins with
    those that have no value."""
    first = query.sort[0]
    if query.clauses or not selected.is_resource or first.by in ("_id", "_lastUpdated") or (query.after and query.after.backwards):
        return None
    after = query.after.keys[0] if query.after else None
    if after == last(first):  # what is left has no value
        return None
    column = _WALKED[first.by]
    return Walk(TABLES[first.by], column, first.key, first.descending, after, rows, selected.source, selected.pk, selected.where)
