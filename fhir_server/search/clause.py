"""The conditions of a query: a tree that `fhir_server.search.sql` turns into SQL and tests run by hand.

All conditions of a query must hold; the values of one condition are alternatives (https://hl7.org/fhir/R4/search.html#combining).
"""

from __future__ import annotations

from dataclasses import dataclass

from fhir_server.definitions.search_parameter import SearchParameter
from fhir_server.search.types.date import DateValue
from fhir_server.search.types.number import NumberValue
from fhir_server.search.types.position import PositionValue
from fhir_server.search.types.quantity import QuantityValue
from fhir_server.search.types.reference import ReferenceValue
from fhir_server.search.types.string import StringValue
from fhir_server.search.types.token import TokenValue
from fhir_server.search.types.uri import UriValue

Value = StringValue | TokenValue | ReferenceValue | DateValue | NumberValue | QuantityValue | UriValue | PositionValue


@dataclass(frozen=True, slots=True)
class ParameterClause:
    """An index row of the parameter matches one of the values, which are all of the parameter's type.

    Modifiers: `exact` and `contains` (string); `not` (token), which no row may match, so resources without the element do too.
    What other modifiers ask for is in the values (`fhir_server.search.modifier`) or in the parameter (`fhir_server.search.facet`).
    """

    parameter: SearchParameter
    key: int
    values: tuple[Value, ...]
    modifier: str | None = None


@dataclass(frozen=True, slots=True)
class CompositeClause:
    """One element has, for one of `values`, a matching row of every component (https://hl7.org/fhir/R4/search.html#combining).

    `components`, their `keys` and each of `values` are in the same order.
    """

    parameter: SearchParameter
    components: tuple[SearchParameter, ...]
    keys: tuple[int, ...]
    values: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """The resource `type`/`id` and all that are part of it, or (`above`) that it is part of; `key` is that of its partOf."""

    type: str
    key: int
    id: str
    above: bool


@dataclass(frozen=True, slots=True)
class HierarchyClause:
    """The reference parameter points into one of the hierarchies."""

    parameter: SearchParameter
    key: int
    hierarchies: tuple[Hierarchy, ...]


@dataclass(frozen=True, slots=True)
class MissingClause:
    """The resource has no value for the parameter (`missing`), or it has one (https://hl7.org/fhir/R4/search.html#missing)."""

    parameter: SearchParameter
    key: int
    missing: bool


@dataclass(frozen=True, slots=True)
class IdClause:
    """The resource's id is one of these, or (`negated`) none of them."""

    ids: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class UpdatedClause:
    """The instant of the newest version matches one of the values."""

    values: tuple[DateValue, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """Where a chain leads: a resource of this type for which the condition holds."""

    type: str
    clause: Clause


@dataclass(frozen=True, slots=True)
class ChainClause:
    """The reference parameter points at a resource that one of the links accepts (https://hl7.org/fhir/R4/search.html#chaining).

    `urls` are the keys of the URLs by which the parameter's canonical references name these resources, where it has such.
    """

    parameter: SearchParameter
    key: int
    links: tuple[Link, ...]
    urls: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ReverseChainClause:
    """A resource of `type` for which `clause` holds points at this one by the reference parameter
    (https://hl7.org/fhir/R4/search.html#has).
    """

    type: str
    parameter: SearchParameter
    key: int
    clause: Clause


@dataclass(frozen=True, slots=True)
class TextClause:
    """The words follow one another in the narrative (`narrative_only`) or anywhere in the resource; the last one may be a beginning
    (https://hl7.org/fhir/R4/search.html#text)."""

    words: tuple[str, ...]
    narrative_only: bool
    is_beginning: bool = False


@dataclass(frozen=True, slots=True)
class TypeClause:
    """The resource is of one of these types."""

    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MarkClause:
    """The resource has one of these marks (`fhir_server.search.sight.marks`)."""

    marks: frozenset[str]


@dataclass(frozen=True, slots=True)
class HeldClause:
    """The resource, of this type, is named by one (a DocumentReference its Binary) that the asker sees; with `marks`, by one that has any
    of these, seen or not."""

    type: str
    holder: str
    marks: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class AndClause:
    """All hold; of none, always."""

    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class OrClause:
    """One holds; of none, never."""

    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class NotClause:
    """It does not hold."""

    clause: Clause


Clause = (
    ParameterClause | CompositeClause | HierarchyClause | MissingClause | IdClause | UpdatedClause | ChainClause
    | ReverseChainClause | TextClause | TypeClause | MarkClause | HeldClause | AndClause | OrClause | NotClause
)  # fmt: skip
