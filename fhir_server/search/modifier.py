"""The modifiers of each search type (https://hl7.org/fhir/R4/search.html#modifiers): which there are, and how their values read.

`missing` is for all but composites; a reference takes the name of a resource type too; facets (`:text`, `:of-type`,
`:identifier`) have their own parameter (`fhir_server.search.facet`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fhir_server.definitions.search_parameter import SearchParameter
from fhir_server.search.clause import Value
from fhir_server.search.concepts import codes_above, codes_below, codes_in
from fhir_server.search.implicit_system import implicit_system, without_implicit_system
from fhir_server.search.scope import Scope
from fhir_server.search.types.escape import unescape
from fhir_server.search.types.phonetic import is_phonetic
from fhir_server.search.types.reference import ReferenceValue
from fhir_server.search.types.token import TokenValue, parse_token
from fhir_server.search.types.uri import parse_uri_below, uris_above

MODIFIERS: Mapping[str, frozenset[str]] = {
    "string": frozenset(("exact", "contains")),
    "token": frozenset(("not", "text", "in", "not-in", "above", "below", "of-type")),
    "reference": frozenset(("text", "identifier", "above", "below")),
    "uri": frozenset(("above", "below")),
}


def modifiers_of(parameter: SearchParameter) -> frozenset[str]:
    """Those that a parameter takes, but for `missing` and names of types; what sounds alike has neither an exact text nor a middle."""
    return frozenset() if is_phonetic(parameter) else MODIFIERS.get(parameter.type, frozenset())


IN_ROWS = {"exact": "exact", "contains": "contains", "not": "not", "not-in": "not"}
"""What is left of a modifier once its values have been read, for `ParameterClause.modifier`."""


def token_values(
    resource_type: str, parameter: SearchParameter, name: str, modifier: str, text: str, scope: Scope
) -> tuple[TokenValue, ...]:
    """What one alternative of a token parameter stands for; ValueError or FhirError where it cannot be read or answered."""
    if modifier in ("in", "not-in"):
        found = codes_in(name, unescape(text), scope)
    else:
        found = (parse_token(text),)
    if modifier in ("above", "below"):
        value = _with_system(found[0], resource_type, parameter, scope)
        found = codes_above(name, value, scope) if modifier == "above" else codes_below(name, value, scope)
    return tuple(without_implicit_system(one, resource_type, parameter, scope.definitions) for one in found)


def _with_system(value: TokenValue, resource_type: str, parameter: SearchParameter, scope: Scope) -> TokenValue:
    """A bare code of an element that is bound to one system."""
    if value.system is not None:
        return value
    return TokenValue(value.code, implicit_system(resource_type, parameter, scope.definitions))


def uri_values(modifier: str, text: str) -> tuple[Value, ...]:
    """The URLs above or below one; ValueError with a sentence where it has none."""
    return uris_above(text) if modifier == "above" else (parse_uri_below(text),)


def canonical_values(modifier: str, value: ReferenceValue) -> tuple[ReferenceValue, ...]:
    """A canonical URL whose version has others above it (1.2 and 1 for 1.2.3) or below it."""
    if value.version is None or modifier == "below":
        return (replace(value, below=value.version is not None),)
    steps = value.version.split(".")
    return tuple(replace(value, version=".".join(steps[:length])) for length in range(1, len(steps) + 1))
