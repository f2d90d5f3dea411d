"""A search request as a value (https://hl7.org/fhir/R4/search.html): what must hold, in which order, how much, with what beside it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo

from fhir_server.definitions.definitions import Definitions
from fhir_server.model.issue import Category, Issue, fault
from fhir_server.search.across_types import across
from fhir_server.search.clause import Clause
from fhir_server.search.compartment import Compartment, compartment_clause, members, whole_compartment
from fhir_server.search.criterion import parse_criterion
from fhir_server.search.filter import NAME as FILTER
from fhir_server.search.filter import parse_filter
from fhir_server.search.include import Include, parse_include
from fhir_server.search.page import After, parse_page
from fhir_server.search.result import Sort, Summary, Total, parse_count, parse_sort, parse_summary, parse_total
from fhir_server.search.scope import MAX_CLAUSES, MAX_INCLUDES, NotUnderstood, Scope, malformed, too_costly
from fhir_server.search.sight.sight import Sight

Pair = tuple[str, str]

NOT_OURS = frozenset(("_format", "_pretty"))
"""Parameters of HTTP, not of the search."""

SORT_KINDS: dict[str, type] = {"date": int, "_lastUpdated": int, "number": float, "quantity": float}
"""Python types of the sort values; the others are texts."""


@dataclass(frozen=True, slots=True)
class Query:
    """All `clauses` must hold. Without a `resource_type` resources of all `types` are searched; without these too, of any type.

    `self_pairs` are the pairs that were understood, for the self link; `not_understood` says what was not.
    """

    resource_type: str
    clauses: tuple[Clause, ...] = ()
    sort: tuple[Sort, ...] = ()
    count: int = 50
    summary: Summary | None = None
    total: Total | None = None
    elements: tuple[str, ...] = ()
    includes: tuple[Include, ...] = ()
    revincludes: tuple[Include, ...] = ()
    after: After | None = None
    self_pairs: tuple[Pair, ...] = ()
    not_understood: tuple[Issue, ...] = ()
    types: tuple[str, ...] = ()
    sight: Sight | None = None
    """What the asker sees; None for everything. Nothing else is found, followed, counted or included."""
    parameters: frozenset[tuple[str, str]] = field(default=frozenset(), compare=False)
    """The index that answers the query: resource type and parameter."""
    incomplete: tuple[Issue, ...] = field(default=(), compare=False)
    """What the index does not wholly hold yet, so that the query may find too little."""

    @property
    def searched_types(self) -> tuple[str, ...]:
        """The types that are searched; none for all."""
        return (self.resource_type,) if self.resource_type else self.types

    @property
    def counts_only(self) -> bool:
        """True where a total is all that is asked for (`_summary=count` or `_count=0`)."""
        return self.summary == "count" or self.count == 0


def parse_query(
    resource_type: str,
    pairs: Sequence[Pair],
    definitions: Definitions,
    *,
    max_count: int = 1000,
    default_count: int = 50,
    zone: tzinfo = UTC,
    base: str | None = None,
    now: int | None = None,
    compartment: Compartment | None = None,
) -> Query:
    """The query that the decoded name-value pairs of a URL or form ask for.

    `zone` counts for dates without an offset, `base` is this server's URL, `now` (microseconds UTC, default the clock) what `ap` is
    near to. Unknown and unsupported parameters are listed in `Query.not_understood`; FhirError with MALFORMED for values that cannot
    be read, TOO_LARGE (`too-costly`) for too many values, clauses or includes, NOT_FOUND for an unknown resource type.

    The `resource_type` "" is all types, or those that `_type` names; with a `compartment` only what belongs to it is found.
    """
    if resource_type and resource_type not in definitions.schema.resource_types:
        raise fault(Category.NOT_FOUND, "not-supported", f"{resource_type[:60]!r} is no resource type of FHIR R4.")
    scope = Scope(definitions, zone, base.rstrip("/") if base else None, time.time_ns() // 1000 if now is None else now)
    types = () if resource_type else _types(pairs, scope)
    reader = _Reader(types[0] if len(types) == 1 else resource_type, types if len(types) > 1 else (), scope, max_count, not resource_type)
    if compartment:
        reader.belongs_to(compartment)
    for name, value in pairs:
        reader.read(name, value)
    return reader.query(min(default_count, max_count))


def _types(pairs: Sequence[Pair], scope: Scope) -> tuple[str, ...]:
    """What `_type` names; of several, what all name."""
    found: dict[str, None] | None = None
    for value in (value for name, value in pairs if name == "_type"):
        named = [part.strip() for part in value.split(",") if part.strip()]
        if unknown := [one for one in named if one not in scope.definitions.schema.resource_types]:
            raise malformed("_type", value, f"{unknown[0][:60]!r} is no resource type of FHIR R4")
        found = dict.fromkeys(one for one in named if found is None or one in found)
    if found is not None and not found:
        raise malformed("_type", "", "name resource types, separated by commas")
    return tuple(found or ())


class _Reader:
    """Collects what the pairs of one query say."""

    def __init__(self, resource_type: str, types: tuple[str, ...], scope: Scope, max_count: int, is_system: bool):
        self.resource_type = resource_type
        self.types = types
        self.is_system = is_system
        self.scope = scope
        self.max_count = max_count
        self.clauses: list[Clause] = []
        self.includes: list[Include] = []
        self.revincludes: list[Include] = []
        self.sort: tuple[Sort, ...] = ()
        self.count: int | None = None
        self.summary: Summary | None = None
        self.total: Total | None = None
        self.elements: tuple[str, ...] = ()
        self.page: str | None = None
        self.understood: list[Pair] = []
        self.issues: list[Issue] = []

    def read(self, name: str, value: str) -> None:
        if name in NOT_OURS:
            return
        try:
            if not self._result_parameter(name, value):
                self._criterion(name, value)
        except NotUnderstood as report:
            self.issues.append(report.issue)
            return
        if name != "_page":
            self.understood.append((name, str(self.count) if name == "_count" else value))

    def belongs_to(self, compartment: Compartment) -> None:
        """Only what is in the compartment is searched."""
        if self.resource_type:
            codes = members(compartment.type, self.scope.definitions).get(self.resource_type, ())
            self.clauses.append(compartment_clause(compartment, self.resource_type, codes, self.scope))
            return
        self.types, clause = whole_compartment(compartment, self.types, self.scope)
        self.clauses.append(clause)

    def _result_parameter(self, name: str, value: str) -> bool:
        """True where the parameter is one that shapes the answer."""
        if not name.startswith("_"):
            return False
        match name.partition(":")[0]:
            case "_include":
                self._add_include(self.includes, name, value)
            case "_revinclude":
                self._add_include(self.revincludes, name, value)
            case _:
                return self._single(name, value)
        return True

    def _single(self, name: str, value: str) -> bool:
        match name:
            case "_count":
                self.count = parse_count(value, self.max_count)
            case "_sort":
                self.sort = parse_sort(value, self.resource_type, self.scope)
            case "_summary":
                self.summary = parse_summary(value)
            case "_total":
                self.total = parse_total(value)
            case "_elements":
                self.elements = tuple(part.strip() for part in value.split(",") if part.strip())
            case "_page":
                self.page = value
            case "_type" if self.is_system:
                pass
            case "_contained" if value == "false":
                pass
            case _:
                return False
        return True

    def _add_include(self, includes: list[Include], name: str, value: str) -> None:
        includes.append(parse_include(name, value, self.resource_type, self.scope))
        if len(self.includes) + len(self.revincludes) > MAX_INCLUDES:
            raise too_costly(f"The query has more than {MAX_INCLUDES} includes; ask in several queries.")

    def _criterion(self, name: str, value: str) -> None:
        read = self._filtered if name == FILTER else self._read
        if self.resource_type:
            clause = read(self.resource_type, name, value)
        else:
            types = self.types or sorted(self.scope.definitions.schema.resource_types)
            clause = self._across(types, read, name, value)
        self.clauses.append(clause)
        if len(self.clauses) > MAX_CLAUSES:
            raise too_costly(f"The query has more than {MAX_CLAUSES} criteria; ask in several queries.")

    def _across(self, types: Sequence[str], read: Callable[[str, str, str], Clause], name: str, value: str) -> Clause:
        """The criterion for several types: what it costs is counted once."""
        before = replace(self.scope)

        def of_type(one: str) -> Clause:
            self.scope = replace(before)
            return read(one, name, value)

        return across(types, of_type)

    def _read(self, resource_type: str, name: str, value: str) -> Clause:
        return parse_criterion(resource_type, name, value, self.scope)

    def _filtered(self, resource_type: str, _: str, value: str) -> Clause:
        return parse_filter(resource_type, value, self.scope)

    def query(self, default_count: int) -> Query:
        kinds = [SORT_KINDS.get(sort.by, str) for sort in self.sort]
        return Query(
            self.resource_type, tuple(self.clauses), self.sort, default_count if self.count is None else self.count,
            self.summary, self.total, self.elements, tuple(self.includes), tuple(self.revincludes),
            parse_page(self.page, kinds) if self.page else None, tuple(self.understood), tuple(self.issues), self.types,
            parameters=frozenset(self.scope.used),
        )  # fmt: skip
