"""SQL of searches by identifiers of one system, made once for each form.

Interfaces ask for identifiers all the time, and the text of the statement is always the same: to put it together takes ten times as long as
SQLite takes to answer it. So it is made with marks in place of the values, which are put in afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from fhir_server.definitions.search_parameter import SearchParameter
from fhir_server.search.clause import ParameterClause
from fhir_server.search.dialect import Dialect, Statement
from fhir_server.search.query import Query
from fhir_server.search.types.token import TokenValue

Make = Callable[[Query, int, bool, Dialect], Statement]
"""A query, the number of rows, whether only ids are wanted, and for which database: its statement."""

MOST = 8
"""Identifiers of a form; searches for more are rare."""

_MARK = "\0mark "


@dataclass(frozen=True, slots=True)
class _Form:
    """A statement and, for each of its values, the place among those of the search, None where it is the same for all."""

    statement: Statement
    places: tuple[int | None, ...]

    def filled(self, searched: tuple[str, ...]) -> Statement:
        values = zip(self.statement.values, self.places, strict=True)
        return Statement(self.statement.sql, tuple(same if place is None else searched[place] for same, place in values))


def formed(query: Query, rows: int, only_ids: bool, dialect: Dialect, make: Make) -> Statement | None:
    """The statement of a search by identifiers of one system and nothing else; None for any other."""
    searched = _searched(query)
    if searched is None:
        return None
    (clause,) = query.clauses
    assert isinstance(clause, ParameterClause)
    return _form(query.resource_type, clause.parameter, clause.key, len(searched) - 1, rows, only_ids, dialect, make).filled(searched)


def _searched(query: Query) -> tuple[str, ...] | None:
    """The system and the values of the identifiers."""
    if len(query.clauses) != 1 or not query.resource_type or query.sort or query.after or query.sight:
        return None
    clause = query.clauses[0]
    if not isinstance(clause, ParameterClause) or clause.parameter.code != "identifier" or clause.modifier or len(clause.values) > MOST:
        return None
    first = clause.values[0] if clause.values else None
    if not isinstance(first, TokenValue) or first.system is None:
        return None
    codes = [one.code for one in clause.values if isinstance(one, TokenValue) and one.code is not None and one.system == first.system]
    return (first.system, *codes) if len(codes) == len(clause.values) else None


@lru_cache(maxsize=512)
def _form(type_: str, parameter: SearchParameter, key: int, number: int, rows: int, only_ids: bool, dialect: Dialect, make: Make) -> _Form:
    marks = tuple(f"{_MARK}{place}" for place in range(number + 1))
    values = tuple(TokenValue(code, marks[0]) for code in marks[1:])
    statement = make(Query(type_, (ParameterClause(parameter, key, values),)), rows, only_ids, dialect)
    return _Form(statement, tuple(marks.index(value) if value in marks else None for value in statement.values))
