# ruff: noqa: S608 - the texts are put together from our own names only; every value is bound
"""The first resources of a whole type in the order of a parameter, found by a walk along its index instead of sorting all.

The walk ends after as many resources as a page needs; the value it ends at is the bound. What is sorted, by all keys of the order, are
only the resources up to that value: those that tie with it are among them, and those behind it cannot be on the page.
"""

from __future__ import annotations

from dataclasses import dataclass

from fhir_server.search.dialect import KEPT, Sql, all_of
from fhir_server.search.page import Key


@dataclass(frozen=True, slots=True)
class Walk:
    """Along the `column` of the rows of `table` with this `key`; of several values of a resource the first on the way counts.

    `after`: the value of the last resource of the page before. `rows`: how many resources the page needs. `source` (a table and its
    alias), `pk` and `where` say which resources count.
    """

    table: str
    column: str
    key: int
    descending: bool
    after: Key | None
    rows: int
    source: str
    pk: str
    where: Sql

    def candidates(self) -> Sql:
        """The pks among which the page is; of all that count, where fewer than it needs have a value."""
        bound, behind = self._bound(), self._compared("w", "<=" if self.descending else ">=", self.after)
        near = all_of([self._rows("w"), Sql(f"w.{self.column} {'>=' if self.descending else '<='} ({bound.text})", bound.values), behind])
        rest = all_of([Sql(f"({bound.text}) IS NULL", bound.values), self.where])
        text = f"SELECT DISTINCT w.pk FROM {self.table} w WHERE {near.text} UNION ALL SELECT {self.pk} FROM {self.source} WHERE {rest.text}"
        return Sql(text, (*near.values, *rest.values))

    def _bound(self) -> Sql:
        """The value that the walk ends at, NULL where there are too few."""
        beyond = self._compared("w", "<" if self.descending else ">", self.after)
        counts = all_of([self._rows("w"), beyond, self._is_first(), self._is_one()])
        order = f"ORDER BY w.{self.column}{' DESC' if self.descending else ''} LIMIT ?"
        walk = f"SELECT w.pk, w.{self.column} AS value FROM {self.table} w WHERE {counts.text} {order}"
        last = f"{'min' if self.descending else 'max'}(value)"
        text = f"SELECT CASE WHEN count(DISTINCT pk) >= ? THEN {last} END FROM ({walk}) d"
        return Sql(text, (self.rows, *counts.values, 2 * self.rows))  # twice, for a resource may have the same value twice

    def _is_one(self) -> Sql:
        """The resource is one of those that count."""
        found = all_of([Sql(f"{self.pk} = w.pk"), self.where])
        return Sql(f"EXISTS (SELECT 1 FROM {self.source} WHERE {found.text}{KEPT})", found.values)

    def _rows(self, alias: str) -> Sql:
        """Rows of the parameter with something to sort by: codes and references may be empty."""
        filled = f" AND {alias}.{self.column} <> ''" if self.column in ("code", "id") else ""
        return Sql(f"{alias}.key = ?{filled}", (self.key,))

    def _is_first(self) -> Sql:
        """The resource has no value that the walk has met already."""
        earlier = Sql(f"e.{self.column} {'>' if self.descending else '<'} w.{self.column}")
        found = all_of([Sql("e.pk = w.pk"), self._rows("e"), earlier])
        return Sql(f"NOT EXISTS (SELECT 1 FROM {self.table} e WHERE {found.text}{KEPT})", found.values)

    def _compared(self, alias: str, comparison: str, value: Key | None) -> Sql:
        return Sql("") if value is None else Sql(f"{alias}.{self.column} {comparison} ?", (value,))
