"""Which clause of a query to begin with: the one that is likely to leave the fewest resources.

Without statistics, the kind of a clause is the best guess: an identifier finds one, a patient's resources are hundreds, a
status is shared by half of all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fhir_server.search.clause import (
    AndClause,
    ChainClause,
    Clause,
    CompositeClause,
    HeldClause,
    HierarchyClause,
    IdClause,
    MarkClause,
    MissingClause,
    NotClause,
    OrClause,
    ParameterClause,
    ReverseChainClause,
    TextClause,
    TypeClause,
    UpdatedClause,
    Value,
)
from fhir_server.search.composite_match import has_entrance
from fhir_server.search.types.date import DateValue
from fhir_server.search.types.reference import ReferenceValue
from fhir_server.search.types.token import TokenValue

_KINDS = {"uri": 2, "reference": 2, "string": 3, "token": 5, "quantity": 8, "number": 8, "date": 6, "special": 4}
_COMMON_TOKENS = frozenset(
    ("status", "gender", "active", "category", "clinical-status", "verification-status", "class", "intent", "use", "deceased", "priority")
)

MAX_UNION = 300
"""Alternatives that are found each by its own index; SQLite unites 500 at most."""


def driver_of(clauses: Sequence[Clause]) -> Clause | None:
    """The clause to begin with; None where none can be found through an index."""
    return min((clause for clause in clauses if drives(clause)), key=rank, default=None)


def drives(clause: Clause) -> bool:
    """Only what is said to be there can be found through an index."""
    if isinstance(clause, ParameterClause):
        return clause.modifier != "not"
    if isinstance(clause, CompositeClause):
        return has_entrance(clause)
    if isinstance(clause, OrClause):
        return 0 < len(clause.clauses) <= MAX_UNION and all(drives(one) for one in clause.clauses)
    if isinstance(clause, AndClause):
        return any(drives(one) for one in clause.clauses)
    if isinstance(clause, IdClause):
        return not clause.negated
    return not isinstance(clause, MissingClause | NotClause | TypeClause | HeldClause)


def is_counted_by_index(clauses: Sequence[Clause]) -> bool:
    """One range of an index holds a row for each match: those of a code, those that refer to a resource, a whole type."""
    if not clauses:
        return True
    return len(clauses) == 1 and isinstance(clauses[0], ParameterClause) and len(in_order_of_pk(clauses[0])) == 1


def finds_few(clauses: Sequence[Clause]) -> bool:
    """One of the clauses names resources by their ids or identifiers."""
    return any(_names(clause) for clause in clauses)


def _names(clause: Clause) -> bool:
    if isinstance(clause, IdClause):
        return not clause.negated
    return isinstance(clause, ParameterClause) and clause.modifier is None and _parameter_rank(clause) == 1


def in_order_of_pk(clause: ParameterClause) -> tuple[ParameterClause, ...]:
    """The clause for each of its values, where an index gives the matches of a value in the order of pk; else nothing."""
    if clause.modifier is not None or not all(_is_point(value) for value in clause.values):
        return ()
    return tuple(replace(clause, values=(value,)) for value in clause.values)


def _is_point(value: Value) -> bool:
    if isinstance(value, TokenValue):
        return value.code is not None
    return isinstance(value, ReferenceValue) and not value.url


def rank(clause: Clause) -> int:
    """Lower is more selective."""
    if isinstance(clause, IdClause):
        return 0
    if isinstance(clause, CompositeClause | HierarchyClause):
        return 4 if isinstance(clause, CompositeClause) else 3
    if isinstance(clause, ChainClause):
        return 1 + min(rank(link.clause) for link in clause.links)
    if isinstance(clause, ReverseChainClause):
        return 2 + rank(clause.clause)
    if isinstance(clause, OrClause | AndClause):
        return _rank_of_all(clause)
    if isinstance(clause, TextClause):
        return 4
    if isinstance(clause, UpdatedClause):
        return 7
    if isinstance(clause, MarkClause):
        return 8
    if isinstance(clause, MissingClause | NotClause | TypeClause | HeldClause):
        return 10
    return _parameter_rank(clause)


def _rank_of_all(clause: OrClause | AndClause) -> int:
    """Alternatives are as many as the commonest of them; of what must hold together the rarest decides."""
    ranks = [rank(one) for one in clause.clauses if drives(one)]
    if isinstance(clause, OrClause):
        return 1 + max(ranks, default=0)
    return min(ranks, default=10)


def _parameter_rank(clause: ParameterClause) -> int:
    kind = clause.parameter.type
    if clause.modifier == "contains":
        return 7
    if clause.parameter.code == "identifier" and all(isinstance(value, TokenValue) and value.code for value in clause.values):
        return 1
    if kind == "token" and clause.parameter.code in _COMMON_TOKENS:
        return 9
    if kind == "date" and all(isinstance(value, DateValue) and value.prefix == "eq" for value in clause.values):
        return 4
    return _KINDS[kind]
