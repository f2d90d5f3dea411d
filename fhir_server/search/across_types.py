"""A criterion asked of several resource types at once (https://hl7.org/fhir/R4/http.html#search, search at the base).

Index rows belong to a type, so the criterion is read for each; what reads the same for all stands once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fhir_server.search.clause import AndClause, Clause, OrClause, ParameterClause, TypeClause


def across(types: Sequence[str], read: Callable[[str], Clause]) -> Clause:
    """The criterion that `read` gives for a type, for resources of any of the types; raises what `read` raises for one of them."""
    clauses = {one: read(one) for one in types}
    different = tuple(dict.fromkeys(clauses.values()))
    if len(different) == 1:
        return different[0]
    if all(isinstance(one, ParameterClause) and one.modifier != "not" for one in different):
        return OrClause(different)  # a parameter's rows are those of one type
    return OrClause(tuple(AndClause((TypeClause((one,)), clause)) for one, clause in clauses.items()))
