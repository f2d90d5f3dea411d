# ruff: noqa: S608 - the texts are put together from our own names only; every value is bound
"""A query as SQL over the tables of `resource`, `version` and `index_*`.

One clause drives: its index rows are read through the index that answers it, in the order of pk where that is possible, so that a page
ends the scan. The other clauses are probes: does this resource have a row that matches. The store removes the index rows of
deleted resources, and a parameter's key implies the resource type, so index rows stand for live resources of the right type.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count

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
from fhir_server.search.composite_match import component_table, composite_matches, lead
from fhir_server.search.dialect import SQLITE, Dialect, Sql, Statement, all_of, any_of, joined, one_of
from fhir_server.search.hierarchy import hierarchy_matches
from fhir_server.search.page import After, Key
from fhir_server.search.query import Query
from fhir_server.search.result import Sort
from fhir_server.search.row_match import LAST_CHARACTER, interval_matches, row_matches
from fhir_server.search.selectivity import driver_of, in_order_of_pk
from fhir_server.search.sight.sight import Sight
from fhir_server.search.sorted_walk import Walk
from fhir_server.search.statement_form import formed
from fhir_server.search.types.date import BEGINNING, END
from fhir_server.search.types.number import LARGEST
from fhir_server.search.words import text_matches, text_pk

COLUMNS = "pk, type, id, version, updated, method, content, seq"
"""Of each row of `to_sql`; the sort values follow (`after_row`)."""

_TABLES = {name: f"index_{name}" for name in ("string", "token", "reference", "date", "number", "quantity", "uri")}
_TABLES["special"] = "index_position"

RowClause = ParameterClause | CompositeClause | HierarchyClause | ChainClause
"""Clauses that hold where an index row matches."""

Types = tuple[str, ...]
"""Resource types; none for all."""


def _table(clause: RowClause | MissingClause) -> str:
    """The table of the clause's rows; of a composite, of the component that a search enters by."""
    if isinstance(clause, CompositeClause):
        return component_table(clause.components[lead(clause)].type)
    return _TABLES[clause.parameter.type]


def to_sql(query: Query, *, limit: int | None = None, only_ids: bool = False, dialect: Dialect = SQLITE) -> Statement:
    """The matches of one page in the asked order, with one row more than `query.count` (or `limit` rows) to tell whether there is a next.

    A page that is read backwards comes in the reverse order: first the row nearest to where it ends.
    Rows are COLUMNS, then the sort values; with `only_ids` pk, type, id.
    """
    rows = query.count + 1 if limit is None else limit
    return formed(query, rows, only_ids, dialect, _statement) or _statement(query, rows, only_ids, dialect)


def _statement(query: Query, rows: int, only_ids: bool, dialect: Dialect) -> Statement:
    aliases = _Aliases(dialect, query.sight)
    page = _page(query, rows, aliases)
    if only_ids:
        text = f"SELECT r.pk, r.type, r.id FROM ({page.text}) p CROSS JOIN resource r WHERE r.pk = p.pk {_order(query, 'p')}"
        return dialect.statement(aliases.complete(Sql(text, page.values)))
    extra = "".join(f", p.s{number}" for number in range(len(query.sort)))
    tables = f"({page.text}) p CROSS JOIN resource r CROSS JOIN version v"
    text = f"SELECT {result_columns(dialect)}{extra} FROM {tables} WHERE r.pk = p.pk AND v.seq = r.seq {_order(query, 'p')}"
    return dialect.statement(aliases.complete(Sql(text, page.values)))


def result_columns(dialect: Dialect) -> str:
    """COLUMNS of the resource r and its version v."""
    return f"r.pk, v.type, v.id, v.version, v.updated, v.method, {dialect.content('v.content')}, v.seq"


def after_row(row: Sequence[Key], *, backwards: bool = False) -> After:
    """The page token's content for the page that follows this row of `to_sql`; `backwards`, for the one before it."""
    return After(tuple(row[len(COLUMNS.split(", ")) :]), int(row[0]), backwards)


def count_sql(query: Query, *, limit: int | None = None, dialect: Dialect = SQLITE) -> Statement:
    """One row with the number of all matches, whatever the page; counted no further than `limit` rows of the index if there is one."""
    aliases = _Aliases(dialect, query.sight)
    if limit is not None and (parts := _one_value_each(replace(query, sort=(), after=None))):
        merged = _merged(parts, limit, aliases)
        return dialect.statement(aliases.complete(Sql(f"SELECT count(*) FROM ({merged.text}) d", merged.values)))
    selection = _selection(query.searched_types, query.clauses, aliases)
    found, values = f"FROM {selection.source} WHERE {selection.where.text}", selection.where.values
    if limit is not None:
        number = "CASE WHEN count(*) < ? THEN count(DISTINCT pk) ELSE ? END"  # DISTINCT inside would first read and sort all
        counted = Sql(f"SELECT {number} FROM (SELECT {selection.pk} AS pk {found} LIMIT ?) d", (limit, limit, *values, limit))
    else:
        what = "*" if selection.distinct else f"DISTINCT {selection.pk}"
        counted = Sql(f"SELECT count({what}) {found}", values)
    return dialect.statement(aliases.complete(counted))


_INLINED = 2
"""So many subqueries the planner may merge into what asks for them. SQLite's takes two or three times as long for each more."""


class _Aliases:
    """Names for tables, each used once in a statement, and the subqueries that stand before it: a database's parser has a depth.

    `sight` goes with them everywhere, so that no part of a statement can do without.
    """

    def __init__(self, dialect: Dialect, sight: Sight | None = None) -> None:
        self.dialect = dialect
        self.depth = 0
        self._sight = sight
        self._is_guarded = sight is not None
        self._numbers = count(1)
        self._before: list[Sql] = []

    def next(self) -> str:
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


@dataclass(frozen=True, slots=True)
class _Selection:
    """`SELECT pk FROM source WHERE where`; `distinct` where no pk can come twice; `is_resource` where the source is that table."""

    source: str
    pk: str
    where: Sql
    distinct: bool
    is_resource: bool = False


def _selection(types: Types, clauses: Sequence[Clause], aliases: _Aliases) -> _Selection:
    """The resources of these types (none: of any) for which all clauses hold, of those that the asker sees."""
    asked, guard = list(_flat(clauses)), list(_flat(aliases.guard(types)))
    alias = aliases.next()
    driver = driver_of(asked) or driver_of(guard)
    others = [clause for clause in asked if clause is not driver]
    hidden = [clause for clause in guard if clause is not driver]

    def rest(pk: str) -> list[Sql]:
        return [*(_probe(clause, pk, types, aliases) for clause in others), *_unguarded(hidden, pk, types, aliases)]

    if isinstance(driver, RowClause):
        where = all_of([_rows_match(alias, driver, aliases), *rest(f"{alias}.pk")])
        return _Selection(f"{_table(driver)} {alias}", f"{alias}.pk", where, _rows_are_unique(driver))
    if isinstance(driver, TextClause):
        pk = text_pk(alias, aliases.dialect)
        found = [text_matches(alias, driver, aliases.dialect), _is_of(types, pk, aliases)]
        probed = f"+{pk}" if aliases.dialect.name == "sqlite" else pk  # which SQLite cannot enter by: its MATCH must be what it enters by
        return _Selection(f"index_text {alias}", pk, all_of([*found, *rest(probed)]), True)
    if isinstance(driver, MarkClause):
        pk = f"{alias}.pk"
        where = all_of([_marked(alias, driver, aliases), _is_of(types, pk, aliases), *rest(pk)])
        return _Selection(f"index_mark {alias}", pk, where, len(driver.marks) == 1)
    if isinstance(driver, OrClause | ReverseChainClause):
        with aliases.unguarded(driver in guard):
            union = _alternatives(types, driver, aliases) if isinstance(driver, OrClause) else _pointed_at(types, driver, aliases)
        return _Selection(f"({union.text}) {alias}", f"{alias}.pk", all_of([Sql("1 = 1", union.values), *rest(f"{alias}.pk")]), True)
    with aliases.unguarded():
        kept = [_on_resource(clause, alias, types, aliases) for clause in guard]
    where = all_of([_live(alias, types), *(_on_resource(clause, alias, types, aliases) for clause in asked), *kept])
    return _Selection(f"resource {alias}", f"{alias}.pk", where, True, True)


def _unguarded(guard: Sequence[Clause], pk: str, types: Types, aliases: _Aliases) -> list[Sql]:
    """What must hold because of who asks; it is asked itself without asking so again."""
    with aliases.unguarded():
        return [_probe(clause, pk, types, aliases) for clause in guard]


def _seen(pk: str, type_name: str, aliases: _Aliases) -> Sql:
    """The asker sees the resource of this type with this pk; the empty condition where nothing is hidden from them."""
    return all_of(_unguarded(aliases.guard((type_name,)), pk, (type_name,), aliases))


def visible(pk: str, sight: Sight, dialect: Dialect) -> Sql:
    """The asker sees the resource, of any type, with this pk."""
    aliases = _Aliases(dialect, sight)
    return all_of(_unguarded(aliases.guard(()), pk, (), aliases))


def _flat(clauses: Sequence[Clause]) -> Iterator[Clause]:
    """What must all hold, without groups."""
    for clause in clauses:
        if isinstance(clause, AndClause):
            yield from _flat(clause.clauses)
        else:
            yield clause


def _live(alias: str, types: Types) -> Sql:
    """The row of `resource` is of one of the types and not deleted."""
    among = one_of(f"{alias}.type", types) if types else Sql("")
    return all_of([among, Sql(f"{alias}.deleted = 0")])


def _is_of(types: Types, pk: str, aliases: _Aliases) -> Sql:
    """The resource with this pk is of one of the types."""
    alias = aliases.next()
    live = _live(alias, types)
    return Sql(f"EXISTS (SELECT 1 FROM resource {alias} WHERE {alias}.pk = {pk} AND {live.text}{_KEPT})", live.values)


def _alternatives(types: Types, clause: OrClause, aliases: _Aliases) -> Sql:
    """The pks of the resources for which one of the clauses holds, each once."""
    alike: dict[tuple[Value, ...], list[ParameterClause]] = defaultdict(list)
    apart: list[Clause] = []
    for one in clause.clauses:
        if isinstance(one, ParameterClause) and one.parameter.type == "reference" and one.modifier is None:
            alike[one.values].append(one)
        else:
            apart.append(one)
    return joined(" UNION ", [_referring(group, aliases) for group in alike.values()] + [_pks(types, one, aliases) for one in apart])


def _referring(group: Sequence[ParameterClause], aliases: _Aliases) -> Sql:
    """The pks of the resources that refer to the same by one of the parameters: a compartment has a hundred of them."""
    alias = aliases.next()
    keys, matches = one_of(f"{alias}.key", [one.key for one in group]), row_matches(alias, group[0])
    text = f"SELECT DISTINCT {alias}.pk AS pk FROM index_reference {alias} WHERE {keys.text} AND ({matches.text})"
    return Sql(text, (*keys.values, *matches.values))


def _pointed_at(types: Types, clause: ReverseChainClause, aliases: _Aliases) -> Sql:
    """The pks of the resources that a resource, for which the clause's condition holds, points at."""
    source, reference, target = aliases.next(), aliases.next(), aliases.next()
    live, sources = _live(target, types), _pks((clause.type,), clause.clause, aliases)
    text = (  # DISTINCT, so that PostgreSQL begins with the sources and does not look for each reference among them
        f"SELECT DISTINCT {target}.pk FROM (SELECT DISTINCT pk FROM ({sources.text}) x) {source}"
        f" CROSS JOIN index_reference {reference} CROSS JOIN resource {target}"
        f" WHERE {reference}.pk = {source}.pk AND {reference}.key = ?"
        f" AND {target}.type = {reference}.type AND {target}.id = {reference}.id AND {live.text}"
    )
    return Sql(text, (*sources.values, clause.key, *live.values))


def _rows_are_unique(driver: RowClause) -> bool:
    """A token with its system, once: the primary key allows a resource no second row."""
    if not isinstance(driver, ParameterClause) or driver.parameter.type != "token" or len(driver.values) != 1:
        return False
    (value,) = driver.values
    return getattr(value, "system", None) is not None and getattr(value, "code", None) is not None


def _rows_match(alias: str, clause: RowClause, aliases: _Aliases, is_probe: bool = False) -> Sql:
    """The index row of this alias belongs to the clause's parameter and matches."""
    if isinstance(clause, ParameterClause):
        matches = row_matches(alias, clause, is_probe)
        return Sql(f"{alias}.key = ? AND ({matches.text})", (clause.key, *matches.values))
    if isinstance(clause, CompositeClause):
        return composite_matches(alias, clause, aliases.next, is_probe)
    if isinstance(clause, HierarchyClause):
        matches = hierarchy_matches(alias, clause.hierarchies, lambda pk, type_name: _seen(pk, type_name, aliases))
        return Sql(f"{alias}.key = ? AND ({matches.text})", (clause.key, *matches.values))
    targets = joined(" UNION ALL ", [_pks((link.type,), link.clause, aliases) for link in clause.links])
    target = aliases.next()
    found = f"SELECT {target}.id, {target}.type FROM resource {target} WHERE {target}.pk IN ({targets.text})"
    local = Sql(f"({alias}.id, {alias}.type) IN ({found})", targets.values)
    either = any_of([local, _names_one(alias, clause.urls, targets, aliases)]) if clause.urls else local
    return Sql(f"{alias}.key = ? AND ({either.text})", (clause.key, *either.values))


def _names_one(alias: str, urls: Sequence[int], targets: Sql, aliases: _Aliases) -> Sql:
    """The canonical reference of this alias names one of the targets, in its version where it says one."""
    named = aliases.next()
    keys = one_of(f"{named}.key", urls)
    found = f"SELECT {named}.value FROM index_uri {named} WHERE {keys.text} AND {named}.pk IN ({targets.text})"
    values = (*keys.values, *targets.values)
    version = f"({alias}.version = '' OR {alias}.id || '|' || {alias}.version IN ({found}))"
    return Sql(f"({alias}.type = '' AND {alias}.id IN ({found}) AND {version})", (*values, *values))


def _pks(types: Types, clause: Clause, aliases: _Aliases) -> Sql:
    """The pks of the resources for which the clause holds; one inside another stands before the statement."""
    aliases.depth += 1
    selection = _selection(types, (clause,), aliases)
    aliases.depth -= 1
    found = Sql(f"SELECT {selection.pk} AS pk FROM {selection.source} WHERE {selection.where.text}", selection.where.values)
    return aliases.before(found) if aliases.depth else found


def _probe(clause: Clause, pk: str, types: Types, aliases: _Aliases) -> Sql:
    """True for the resource with this pk (of one of these types) if the clause holds."""
    if isinstance(clause, AndClause | OrClause | NotClause):
        return _combined(clause, pk, types, aliases)
    alias = aliases.next()
    if isinstance(clause, IdClause | UpdatedClause | TypeClause):
        condition, table = _on_resource(clause, alias, types, aliases), "resource"
    elif isinstance(clause, MissingClause):
        condition, table = Sql(f"{alias}.key = ?", (clause.key,)), _table(clause)
    elif isinstance(clause, MarkClause):
        condition, table = _marked(alias, clause, aliases, is_probe=True), "index_mark"
    elif isinstance(clause, HeldClause):
        return _held(clause, pk, alias, aliases)
    elif isinstance(clause, TextClause):
        return _text_probe(clause, pk, alias, aliases)
    elif isinstance(clause, ReverseChainClause):
        condition, table = _pointing(clause, alias, aliases), "resource"
    else:
        condition, table = _rows_match(alias, clause, aliases, is_probe=True), _table(clause)
    negation = "NOT " if _denies(clause) else ""
    text = f"{negation}EXISTS (SELECT 1 FROM {table} {alias} WHERE {alias}.pk = {pk} AND {condition.text}{_KEPT})"
    return Sql(text, condition.values)


def _combined(clause: AndClause | OrClause | NotClause, pk: str, types: Types, aliases: _Aliases) -> Sql:
    """A group of conditions; one deep inside others stands before the statement."""
    if aliases.depth >= _DEEP:
        found = _pks(types, clause, aliases) if not isinstance(clause, NotClause) else _pks(types, clause.clause, aliases)
        return Sql(f"{pk} {'NOT ' if isinstance(clause, NotClause) else ''}IN ({found.text})", found.values)
    aliases.depth += 1
    inner = [clause.clause] if isinstance(clause, NotClause) else clause.clauses
    probes = [_probe(one, pk, types, aliases) for one in inner]
    aliases.depth -= 1
    if isinstance(clause, NotClause):
        return Sql(f"NOT ({probes[0].text})", probes[0].values)
    group = all_of(probes) if isinstance(clause, AndClause) else any_of(probes or [Sql("1 = 0")])
    return Sql(f"({group.text or '1 = 1'})", group.values)


_FLAT = -10
"""The groups of a guard hold no chains, so all of them are written where they belong."""

_DEEP = 3
"""Groups and chains inside one another that are written where they belong."""


def _marked(alias: str, clause: MarkClause, aliases: _Aliases, is_probe: bool = False) -> Sql:
    """SQLite would look up each mark of the list for each resource; a resource has one or two, so its own are looked through."""
    column = f"{'+' if is_probe and aliases.dialect.name == 'sqlite' else ''}{alias}.mark"
    return aliases.dialect.among(column, clause.marks)


def _held(clause: HeldClause, pk: str, alias: str, aliases: _Aliases) -> Sql:
    """A resource that the asker sees, or that has the marks, names the one with this pk."""
    grant = aliases.next()
    with aliases.guarded():
        holder, types = f"{grant}.pk", (clause.holder,)
        seen = _probe(MarkClause(clause.marks), holder, types, aliases) if clause.marks else _seen(holder, clause.holder, aliases)
    text = (
        f"EXISTS (SELECT 1 FROM resource {alias} CROSS JOIN index_grant {grant} WHERE {alias}.pk = {pk}"
        f" AND {grant}.target = ? || {alias}.id AND {grant}.target <> '' AND {grant}.kind = 'names' AND {grant}.actor LIKE ?"
        f"{' AND ' if seen else ''}{seen.text}{_KEPT})"
    )
    return Sql(text, (f"{clause.type}/", f"{clause.holder}/%", *seen.values))


def _text_probe(clause: TextClause, pk: str, alias: str, aliases: _Aliases) -> Sql:
    matches = text_matches(alias, clause, aliases.dialect)
    own = text_pk(alias, aliases.dialect)
    if aliases.dialect.name == "sqlite":  # it would search the words anew for each resource
        return Sql(f"{pk} IN (SELECT {own} FROM index_text {alias} WHERE {matches.text})", matches.values)
    return Sql(f"EXISTS (SELECT 1 FROM index_text {alias} WHERE {own} = {pk} AND {matches.text})", matches.values)


def _pointing(clause: ReverseChainClause, alias: str, aliases: _Aliases) -> Sql:
    """A resource for which the clause's condition holds points at the resource of this alias: those that point are few, so that each
    is asked, unless its condition leads further."""
    reference = aliases.next()
    same = f"{reference}.key = ? AND {reference}.id = {alias}.id AND {reference}.type = {alias}.type"
    if isinstance(clause.clause, ChainClause | ReverseChainClause | AndClause | OrClause | NotClause):
        found = _pks((clause.type,), clause.clause, aliases)
        asked = Sql(f"{reference}.pk IN ({found.text})", found.values)
    else:
        pk = f"{reference}.pk"
        asked = all_of([_probe(clause.clause, pk, (clause.type,), aliases), _seen(pk, clause.type, aliases)])
    return Sql(f"EXISTS (SELECT 1 FROM index_reference {reference} WHERE {same} AND {asked.text})", (clause.key, *asked.values))


_KEPT = " LIMIT 1 OFFSET 0"
"""Keeps PostgreSQL from making a join of a probe and beginning with it, by a guess of how many rows it has."""


def _denies(clause: Clause) -> bool:
    """True where the clause asks that there be no such row."""
    if isinstance(clause, MissingClause):
        return clause.missing
    return isinstance(clause, ParameterClause) and clause.modifier == "not"


_FEW = 20


def _on_resource(clause: Clause, alias: str, types: Types, aliases: _Aliases) -> Sql:
    """The clause as a condition on a row of the table `resource`."""
    if isinstance(clause, IdClause):
        few = len(clause.ids) <= _FEW
        among = one_of(f"{alias}.id", clause.ids) if few else aliases.dialect.among(f"{alias}.id", frozenset(clause.ids))
        return Sql(f"NOT ({among.text})", among.values) if clause.negated else among
    if isinstance(clause, UpdatedClause):
        either = any_of([interval_matches(f"{alias}.updated", f"{alias}.updated", value) for value in clause.values])
        return Sql(f"({either.text})", either.values)
    if isinstance(clause, TypeClause):
        return one_of(f"{alias}.type", clause.types)
    return _probe(clause, f"{alias}.pk", types, aliases)


def _page(query: Query, rows: int, aliases: _Aliases) -> Sql:
    """pk and sort values (s0, s1, ...) of the page's rows."""
    if not query.sort and (parts := _one_value_each(query)):
        return _merged(parts, rows, aliases)
    selection = _selection(query.searched_types, query.clauses, aliases)
    source, pk, where = selection.source, selection.pk, selection.where
    if not query.sort:
        where = all_of([where, _after(query, (pk,))])
        distinct = "" if selection.distinct else "DISTINCT "
        order = f"ORDER BY {pk}{' DESC' if _ways(query)[-1] else ''} LIMIT ?"
        return Sql(f"SELECT {distinct}{pk} AS pk FROM {source} WHERE {where.text} {order}", (*where.values, rows))
    if not selection.distinct:
        source, where = f"(SELECT DISTINCT {pk} AS pk FROM {source} WHERE {where.text}) d", Sql("1 = 1", where.values)
        pk = "d.pk"
    if walk := _walk(query, selection, rows):
        near = walk.candidates()
        source, where = f"({near.text}) n CROSS JOIN {source}", all_of([Sql(f"{pk} = n.pk", near.values), where])
    return _sorted_page(query, source, pk, where, selection, rows)


_MERGED = 20
"""Values of a criterion that are read one after the other, each no further than the page goes."""


def _one_value_each(query: Query) -> list[Query]:
    """The query for each value of the clause that drives, where the matches of each come in the order of pk; empty for one value or many.

    Together they need not be sorted as a whole: thousands that share three codes fill a page as fast as hundreds.
    """
    clauses = tuple(_flat(query.clauses))
    driver = driver_of(clauses)
    parts = in_order_of_pk(driver) if isinstance(driver, ParameterClause) else ()
    if not 1 < len(parts) <= _MERGED:
        return []
    return [replace(query, clauses=tuple(part if clause is driver else clause for clause in clauses)) for part in parts]


def _merged(parts: Sequence[Query], rows: int, aliases: _Aliases) -> Sql:
    """The first pks of all that one of the queries finds."""
    pages = [_page(part, rows, aliases) for part in parts]
    union = joined(" UNION ", [Sql(f"SELECT pk FROM ({page.text}) d", page.values) for page in pages])
    return Sql(f"SELECT pk FROM ({union.text}) d {_order(parts[0], 'd')} LIMIT ?", (*union.values, rows))


def _sorted_page(query: Query, source: str, pk: str, where: Sql, selection: _Selection, rows: int) -> Sql:
    keys = [_sort_value(sort, pk, selection) for sort in query.sort]
    columns = "".join(f", {key.text} AS s{number}" for number, key in enumerate(keys))
    key_values = tuple(value for key in keys for value in key.values)
    inner = f"SELECT {pk} AS pk{columns} FROM {source} WHERE {where.text}"
    after = _after(query, [*(f"k.s{number}" for number in range(len(query.sort))), "k.pk"]) or Sql("1 = 1")
    text = f"SELECT * FROM ({inner}) k WHERE {after.text} {_order(query, 'k')} LIMIT ?"
    return Sql(text, (*key_values, *where.values, *after.values, rows))


def _walk(query: Query, selection: _Selection, rows: int) -> Walk | None:
    """Along the first key of the order, where whole types are searched and that key has an index; forwards, for the way back begins with
    those that have no value."""
    first = query.sort[0]
    if query.clauses or not selection.is_resource or first.by in ("_id", "_lastUpdated") or (query.after and query.after.backwards):
        return None
    after = query.after.keys[0] if query.after else None
    if after == _last(first):  # what is left has no value
        return None
    column = _WALKED[first.by]
    return Walk(_TABLES[first.by], column, first.key, first.descending, after, rows, selection.source, selection.pk, selection.where)


_WALKED = {
    "string": "value", "token": "code", "reference": "id", "uri": "value", "date": "low", "number": "low", "quantity": "low",
}  # fmt: skip
_SORT_COLUMNS = {
    "string": "x.value", "token": "nullif(x.code, '')", "reference": "nullif(x.id, '')", "uri": "x.value",
    "date": "x.low", "number": "x.low", "quantity": "x.low",
}  # fmt: skip


def _sort_value(sort: Sort, pk: str, selection: _Selection) -> Sql:
    if sort.by in ("_id", "_lastUpdated"):
        column = "id" if sort.by == "_id" else "updated"
        if selection.is_resource:
            return Sql(f"{pk.partition('.')[0]}.{column}")
        return Sql(f"(SELECT x.{column} FROM resource x WHERE x.pk = {pk})")
    extreme = f"{'max' if sort.descending else 'min'}({_SORT_COLUMNS[sort.by]})"
    return Sql(f"coalesce((SELECT {extreme} FROM {_TABLES[sort.by]} x WHERE x.pk = {pk} AND x.key = ?), ?)", (sort.key, _last(sort)))


def _last(sort: Sort) -> Key:
    """What resources without a value are sorted by: after all others."""
    if sort.by in ("number", "quantity"):
        return -LARGEST if sort.descending else LARGEST
    if sort.by == "date":
        return BEGINNING - 1 if sort.descending else END + 1
    return "" if sort.descending else LAST_CHARACTER


def _ways(query: Query) -> list[bool]:
    """Which of the sort values, and at the end the pk, go down. The pk goes the way of the first key: an index may be read backwards."""
    down = [one.descending for one in query.sort]
    reverse = query.after is not None and query.after.backwards
    return [one is not reverse for one in (*down, *(down[:1] or [False]))]


def _order(query: Query, alias: str) -> str:
    columns = [*(f"{alias}.s{number}" for number in range(len(query.sort))), f"{alias}.pk"]
    return "ORDER BY " + ", ".join(f"{column}{' DESC' if down else ''}" for column, down in zip(columns, _ways(query), strict=True))


def _after(query: Query, columns: Sequence[str]) -> Sql:
    """Beyond the row at the edge of the page that was read, in the order of `_order`."""
    if query.after is None or query.after.is_last:
        return Sql("")
    down, values = _ways(query), (*query.after.keys, query.after.pk)
    if len(set(down)) == 1:
        return Sql(f"({', '.join(columns)}) {'<' if down[0] else '>'} ({', '.join('?' * len(values))})", values)
    return any_of(list(_beyond(columns, down, values)))


def _beyond(columns: Sequence[str], descending: Sequence[bool], values: Sequence[Key]) -> Iterator[Sql]:
    for number, column in enumerate(columns):
        equal = [Sql(f"{before} = ?", (value,)) for before, value in zip(columns[:number], values, strict=False)]
        yield all_of([*equal, Sql(f"{column} {'<' if descending[number] else '>'} ?", (values[number],))])
