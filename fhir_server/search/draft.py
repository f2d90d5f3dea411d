# ruff: noqa: S608 - the texts are put together from our own names only; every value is bound
"""A statement while it is put together: names used once, subqueries that stand before it, and what holds because of who asks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from fhir_server.search.clause import Clause
from fhir_server.search.dialect import Dialect, Sql, joined
from fhir_server.search.sight.sight import Sight

Types = tuple[str, ...]
"""Resource types; none for all."""

DEEP = 3
"""Groups and chains inside one another that are written where they belong."""

_FLAT = -10
"""The depth that a guard begins at: its groups hold no chains, so all of them are written where they belong."""

_INLINED = 2
"""So many subqueries the planner may merge into what asks for them. SQLite's takes two or three times as long for each more."""


class Draft(ABC):
    """Names for tables, each used once in a statement, and the subqueries that stand before it: a database's parser has a depth.

    `sight` goes with it everywhere, so that no part of a statement can do without. A condition may hold a selection of other resources,
    which has conditions of its own: `pks` and `seen` are how a condition asks for one (`fhir_server.search.selection`).
    """

    def __init__(self, dialect: Dialect, sight: Sight | None = None) -> None:
        self.dialect = dialect
        self.depth = 0  # how many groups and chains hold what is being written
        self._sight = sight
        self._is_guarded = sight is not None
        self._numbers = count(1)
        self._before: list[Sql] = []

    @abstractmethod
    def pks(self, types: Types, clause: Clause) -> Sql:
        """The pks of the resources of these types for which the clause holds; one inside another stands before the statement."""

    @abstractmethod
    def seen(self, pk: str, types: Types) -> Sql:
        """The asker sees the resource of these types with this pk; the empty condition where nothing is hidden from them."""

    def alias(self) -> str:
        """A name that no table of the statement has yet."""
        return f"t{next(self._numbers)}"

    def guard(self, types: Types) -> tuple[Clause, ...]:
        """What else must hold of resources of these types, because of who asks."""
        return self._sight.guard(types) if self._sight is not None and self._is_guarded else ()

    @contextmanager
    def unguarded(self, applies: bool = True) -> Iterator[None]:
        """While the guard itself is written, and at the depth that it stands at."""
        before = self._is_guarded, self.depth
        if applies:
            self._is_guarded, self.depth = False, _FLAT
        yield
        self._is_guarded, self.depth = before

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Where the guard leads to other resources, which the asker has to see too."""
        before, self._is_guarded = self._is_guarded, self._sight is not None
        yield
        self._is_guarded = before

    def before(self, subquery: Sql) -> Sql:
        """The subquery (one column, pk) under a name, to stand before the statement."""
        name = f"c{len(self._before)}"
        once = "MATERIALIZED " if len(self._before) >= _INLINED else ""
        self._before.append(Sql(f"{name}(pk) AS {once}({subquery.text})", subquery.values))
        return Sql(f"SELECT pk FROM {name}")

    def complete(self, statement: Sql) -> Sql:
        """The statement with what stands before it."""
        if not self._before:
            return statement
        before = joined(", ", self._before)
        return Sql(f"WITH {before.text} {statement.text}", (*before.values, *statement.values))
