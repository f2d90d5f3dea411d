# ruff: noqa: S608 - the texts are put together from our own names only; every value is bound
"""Clauses that hold where an index row matches: which table the rows are in, and the condition on one of them."""

from __future__ import annotations

from collections.abc import Sequence

from fhir_server.search.clause import ChainClause, CompositeClause, HierarchyClause, MissingClause, ParameterClause
from fhir_server.search.composite_match import component_table, composite_matches, lead
from fhir_server.search.dialect import Sql, any_of, joined, one_of
from fhir_server.search.draft import Draft
from fhir_server.search.hierarchy import hierarchy_matches
from fhir_server.search.row_match import row_matches

TABLES = {name: f"index_{name}" for name in ("string", "token", "reference", "date", "number", "quantity", "uri")}
TABLES["special"] = "index_position"

RowClause = ParameterClause | CompositeClause | HierarchyClause | ChainClause
"""Clauses that hold where an index row matches."""


def table_of(clause: RowClause | MissingClause) -> str:
    """The table of the clause's rows; of a composite, of the component that a search enters by."""
    if isinstance(clause, CompositeClause):
        return component_table(clause.components[lead(clause)].type)
    return TABLES[clause.parameter.type]


def rows_match(alias: str, clause: RowClause, draft: Draft, is_probe: bool = False) -> Sql:
    """The index row of this alias belongs to the clause's parameter and matches."""
    if isinstance(clause, CompositeClause):
        return composite_matches(alias, clause, draft.alias, is_probe)
    if isinstance(clause, ParameterClause):
        matches = row_matches(alias, clause, is_probe)
    elif isinstance(clause, HierarchyClause):
        matches = hierarchy_matches(alias, clause.hierarchies, lambda pk, type_name: draft.seen(pk, (type_name,)))
    else:
        matches = _leads_on(alias, clause, draft)
    return Sql(f"{alias}.key = ? AND ({matches.text})", (clause.key, *matches.values))


def _leads_on(alias: str, clause: ChainClause, draft: Draft) -> Sql:
    """The reference of this alias points at a resource that one of the chain's links accepts."""
    targets = joined(" UNION ALL ", [draft.pks((link.type,), link.clause) for link in clause.links])
    target = draft.alias()
    found = f"SELECT {target}.id, {target}.type FROM resource {target} WHERE {target}.pk IN ({targets.text})"
    local = Sql(f"({alias}.id, {alias}.type) IN ({found})", targets.values)
    return any_of([local, _names_one(alias, clause.urls, targets, draft)]) if clause.urls else local


def _names_one(alias: str, urls: Sequence[int], targets: Sql, draft: Draft) -> Sql:
    """The canonical reference of this alias names one of the targets, in its version where it says one."""
    named = draft.alias()
    keys = one_of(f"{named}.key", urls)
    found = f"SELECT {named}.value FROM index_uri {named} WHERE {keys.text} AND {named}.pk IN ({targets.text})"
    values = (*keys.values, *targets.values)
    version = f"({alias}.version = '' OR {alias}.id || '|' || {alias}.version IN ({found}))"
    return Sql(f"({alias}.type = '' AND {alias}.id IN ({found}) AND {version})", (*values, *values))
