# ruff: noqa: S608 - the texts are put together from our own names only; every value is bound
"""A clause asked of one resource, by its pk: does this resource have a row that matches."""

from __future__ import annotations

from collections.abc import Sequence

from fhir_server.search.clause import (
    AndClause,
    ChainClause,
    Clause,
    HeldClause,
    MarkClause,
    MissingClause,
    NotClause,
    OrClause,
    ParameterClause,
    ReverseChainClause,
    TextClause,
)
from fhir_server.search.dialect import KEPT, Sql, all_of, any_of
from fhir_server.search.draft import DEEP, Draft, Types
from fhir_server.search.resource_row import ColumnClause, columns_match
from fhir_server.search.row_clause import RowClause, rows_match, table_of
from fhir_server.search.words import text_matches, text_pk

_Group = AndClause | OrClause | NotClause
_LeadsFurther = _Group | ChainClause | ReverseChainClause


def probe(clause: Clause, pk: str, types: Types, draft: Draft) -> Sql:
    """True for the resource with this pk (of one of these types) if the clause holds."""
    if isinstance(clause, _Group):
        return _combined(clause, pk, types, draft)
    alias = draft.alias()
    if isinstance(clause, HeldClause):
        return _held(clause, pk, alias, draft)
    if isinstance(clause, TextClause):
        return _has_words(clause, pk, alias, draft)
    table, matches = _row(clause, alias, draft)
    negation = "NOT " if _denies(clause) else ""
    return Sql(f"{negation}EXISTS (SELECT 1 FROM {table} {alias} WHERE {alias}.pk = {pk} AND {matches.text}{KEPT})", matches.values)


def probe_of_row(clause: Clause, alias: str, types: Types, draft: Draft) -> Sql:
    """The same for the resource that the row of this alias of the table `resource` is of."""
    if isinstance(clause, ColumnClause):
        return columns_match(clause, alias, draft.dialect)
    return probe(clause, f"{alias}.pk", types, draft)


def unguarded_probes(guard: Sequence[Clause], pk: str, types: Types, draft: Draft) -> list[Sql]:
    """What must hold because of who asks; it is asked itself without asking so again."""
    if not guard:
        return []
    with draft.unguarded():
        return [probe(clause, pk, types, draft) for clause in guard]


def _row(clause: ColumnClause | MissingClause | MarkClause | ReverseChainClause | RowClause, alias: str, draft: Draft) -> tuple[str, Sql]:
    """The table that has a row for the clause, and the condition on that row, of this alias."""
    if isinstance(clause, ColumnClause):
        return "resource", columns_match(clause, alias, draft.dialect)
    if isinstance(clause, MissingClause):
        return table_of(clause), Sql(f"{alias}.key = ?", (clause.key,))
    if isinstance(clause, MarkClause):
        return "index_mark", marked(alias, clause, draft, is_probe=True)
    if isinstance(clause, ReverseChainClause):
        return "resource", _pointing(clause, alias, draft)
    return table_of(clause), rows_match(alias, clause, draft, is_probe=True)


def _denies(clause: Clause) -> bool:
    """True where the clause asks that there be no such row."""
    if isinstance(clause, MissingClause):
        return clause.missing
    return isinstance(clause, ParameterClause) and clause.modifier == "not"


def _combined(clause: _Group, pk: str, types: Types, draft: Draft) -> Sql:
    """A group of conditions; one deep inside others stands before the statement."""
    if draft.depth >= DEEP:
        negation, inner = ("NOT ", clause.clause) if isinstance(clause, NotClause) else ("", clause)
        found = draft.pks(types, inner)
        return Sql(f"{pk} {negation}IN ({found.text})", found.values)
    draft.depth += 1
    probes = [probe(one, pk, types, draft) for one in ((clause.clause,) if isinstance(clause, NotClause) else clause.clauses)]
    draft.depth -= 1
    return _joined(clause, probes)


def _joined(clause: _Group, probes: list[Sql]) -> Sql:
    if isinstance(clause, NotClause):
        return Sql(f"NOT ({probes[0].text})", probes[0].values)
    group = all_of(probes) if isinstance(clause, AndClause) else any_of(probes or [Sql("1 = 0")])
    return Sql(f"({group.text or '1 = 1'})", group.values)


def marked(alias: str, clause: MarkClause, draft: Draft, is_probe: bool = False) -> Sql:
    """SQLite would look up each mark of the list for each resource; a resource has one or two, so its own are looked through."""
    column = f"{'+' if is_probe and draft.dialect.name == 'sqlite' else ''}{alias}.mark"
    return draft.dialect.among(column, clause.marks)


def _held(clause: HeldClause, pk: str, alias: str, draft: Draft) -> Sql:
    """A resource that the asker sees, or that has the marks, names the one with this pk."""
    grant = draft.alias()
    with draft.guarded():
        holder, types = f"{grant}.pk", (clause.holder,)
        seen = probe(MarkClause(clause.marks), holder, types, draft) if clause.marks else draft.seen(holder, types)
    text = (
        f"EXISTS (SELECT 1 FROM resource {alias} CROSS JOIN index_grant {grant} WHERE {alias}.pk = {pk}"
        f" AND {grant}.target = ? || {alias}.id AND {grant}.target <> '' AND {grant}.kind = 'names' AND {grant}.actor LIKE ?"
        f"{' AND ' if seen else ''}{seen.text}{KEPT})"
    )
    return Sql(text, (f"{clause.type}/", f"{clause.holder}/%", *seen.values))


def _has_words(clause: TextClause, pk: str, alias: str, draft: Draft) -> Sql:
    matches = text_matches(alias, clause, draft.dialect)
    own = text_pk(alias, draft.dialect)
    if draft.dialect.name == "sqlite":  # it would search the words anew for each resource
        return Sql(f"{pk} IN (SELECT {own} FROM index_text {alias} WHERE {matches.text})", matches.values)
    return Sql(f"EXISTS (SELECT 1 FROM index_text {alias} WHERE {own} = {pk} AND {matches.text})", matches.values)


def _pointing(clause: ReverseChainClause, alias: str, draft: Draft) -> Sql:
    """A resource for which the clause's condition holds points at the resource of this alias: those that point are few, so that each
    is asked, unless its condition leads further."""
    reference = draft.alias()
    pk, types = f"{reference}.pk", (clause.type,)
    same = f"{reference}.key = ? AND {reference}.id = {alias}.id AND {reference}.type = {alias}.type"
    if isinstance(clause.clause, _LeadsFurther):
        found = draft.pks(types, clause.clause)
        asked = Sql(f"{pk} IN ({found.text})", found.values)
    else:
        asked = all_of([probe(clause.clause, pk, types, draft), draft.seen(pk, types)])
    return Sql(f"EXISTS (SELECT 1 FROM index_reference {reference} WHERE {same} AND {asked.text})", (clause.key, *asked.values))
