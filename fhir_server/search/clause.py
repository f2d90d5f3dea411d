"""The conditions of a query: a tree that `fhir_server.search.sql` turns into SQL and tests run by hand.

All conditions of a query must hold; the values of one condition are alternatives (https://hl7.org/fhir/R4/search.html#combining).
"""

from __future__ import annotations

from dataclasses import dataclass

from fhir_server.definitions.search_parameter import SearchParameter
from fhir_server.search.types.date import DateValue
from fhir_server.search.types.number import NumberValue
from fhir_server.search.types.quantity import QuantityValue
from fhir_server.search.types.reference import ReferenceValue
from fhir_server.search.types.string import StringValue
from fhir_server.search.types.token import TokenValue
from fhir_server.search.types.uri import UriValue

Value = StringValue | TokenValue | ReferenceValue | DateValue | NumberValue | QuantityValue | UriValue


@dataclass(frozen=True, slots=True)
class ParameterClause:
    """An index row of the parameter matches one of the values, which are all of the parameter's type.

    Modifiers: `exact` and `contains` (string); `not` (token), which no row may match, so resources without the element do too.
    """

    parameter: SearchParameter
    key: int
    values: tuple[Value, ...]
    modifier: str | None = None


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
    """The reference parameter points at a resource that one of the links accepts (https://hl7.org/fhir/R4/search.html#chaining)."""

    parameter: SearchParameter
    key: int
    links: tuple[Link, ...]


Clause = ParameterClause | MissingClause | IdClause | UpdatedClause | ChainClause
