# ruff: noqa: S608 - the texts are put together from our own names only; every value is bound
"""The order of a page: what resources are sorted by, which way, and what is beyond the edge of the page that was read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fhir_server.search.dialect import Sql, all_of, any_of
from fhir_server.search.page import Key
from fhir_server.search.query import Query
from fhir_server.search.result import Sort
from fhir_server.search.row_clause import TABLES
from fhir_server.search.row_match import LAST_CHARACTER
from fhir_server.search.types.date import BEGINNING, END
from fhir_server.search.types.number import LARGEST

_COLUMNS = {
    "string": "x.value", "token": "nullif(x.code, '')", "reference": "nullif(x.id, '')", "uri": "x.value",
    "date": "x.low", "number": "x.low", "quantity": "x.low",
}  # fmt: skip


def sort_value(sort: Sort, pk: str, is_resource: bool) -> Sql:
    """What the resource with this pk is sorted by; `is_resource` where the pk is a column of the table `resource`."""
    if sort.by in ("_id", "_lastUpdated"):
        column = "id" if sort.by == "_id" else "updated"
        return Sql(f"{pk.partition('.')[0]}.{column}" if is_resource else f"(SELECT x.{column} FROM resource x WHERE x.pk = {pk})")
    extreme = f"{'max' if sort.descending else 'min'}({_COLUMNS[sort.by]})"
    return Sql(f"coalesce((SELECT {extreme} FROM {TABLES[sort.by]} x WHERE x.pk = {pk} AND x.key = ?), ?)", (sort.key, last(sort)))


def last(sort: Sort) -> Key:
    """What resources without a value are sorted by: after all others."""
    if sort.by in ("number", "quantity"):
        return -LARGEST if sort.descending else LARGEST
    if sort.by == "date":
        return BEGINNING - 1 if sort.descending else END + 1
    return "" if sort.descending else LAST_CHARACTER


def ways(query: Query) -> list[bool]:
    """Which of the sort values, and at the end the pk, go down. The pk goes the way of the first key: an index may be read backwards."""
    down = [one.descending for one in query.sort]
    reverse = query.after is not None and query.after.backwards
    return [one is not reverse for one in (*down, *(down[:1] or [False]))]


def order_by(query: Query, alias: str) -> str:
    """By the sort values (s0, s1, ...) and the pk of this alias."""
    columns = [*(f"{alias}.s{number}" for number in range(len(query.sort))), f"{alias}.pk"]
    return "ORDER BY " + ", ".join(f"{column}{' DESC' if down else ''}" for column, down in zip(columns, ways(query), strict=True))


def beyond_edge(query: Query, columns: Sequence[str]) -> Sql:
    """Beyond the row at the edge of the page that was read, in the order of `order_by`."""
    if query.after is None or query.after.is_last:
        return Sql("")
    down, values = ways(query), (*query.after.keys, query.after.pk)
    if len(set(down)) == 1:
        return Sql(f"({', '.join(columns)}) {'<' if down[0] else '>'} ({', '.join('?' * len(values))})", values)
    return any_of(list(_beyond(columns, down, values)))


def _beyond(columns: Sequence[str], descending: Sequence[bool], values: Sequence[Key]) -> Iterator[Sql]:
    """One condition for each column: the row is beyond by it and the same in those before."""
    for number, column in enumerate(columns):
        equal = [Sql(f"{before} = ?", (value,)) for before, value in zip(columns[:number], values, strict=False)]
        yield all_of([*equal, Sql(f"{column} {'<' if descending[number] else '>'} ?", (values[number],))])
