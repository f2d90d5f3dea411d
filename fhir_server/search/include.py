"""`_include` and `_revinclude` as values (https://hl7.org/fhir/R4/search.html#include)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fhir_server.definitions.definitions import Definitions
from fhir_server.definitions.search_parameter import SearchParameter, parameter_key
from fhir_server.search.canonical import url_keys, urls_named
from fhir_server.search.scope import NotUnderstood, Scope

ITERATE = ("iterate", "recurse")
"""`recurse` is how earlier releases of FHIR say it."""


@dataclass(frozen=True, slots=True)
class Include:
    """References of `source` resources (`*`: any) by the parameters with these keys (none: any), to `target` resources or (None) any;
    `_revinclude` goes against them.

    With `iterate` also from what was included. `urls` are the keys by which canonical URLs are found, where the parameters have such.
    """

    source: str
    keys: tuple[int, ...]
    target: str | None
    iterate: bool = False
    urls: tuple[int, ...] = ()


def parse_include(name: str, value: str, resource_type: str, scope: Scope) -> Include:
    """`CarePlan:care-team`, `CarePlan:subject:Patient`, `CarePlan:*` or `*`; NotUnderstood for what cannot be included."""
    base, _, modifier = name.partition(":")
    if modifier and modifier not in ITERATE:
        mend = "supported here: iterate"
        raise NotUnderstood("not-supported", f"The modifier {modifier[:60]!r} of {base} is not supported; {mend}.", refused=True)
    if value == "*":
        return _wildcard(base, bool(modifier), resource_type, scope)
    source, _, rest = value.partition(":")
    code, _, target = rest.partition(":")
    parameters = _parameters(source, code, target, scope)
    if not parameters:
        mend = f"write Type:parameter or Type:parameter:TargetType with a reference parameter, for example {base}=CarePlan:care-team"
        raise NotUnderstood("not-found", f"{base}={value[:100]} names no reference parameter; {mend}. It was left out.")
    scope.used.update((source, one.code) for one in parameters)
    keys = tuple(one.key(source) for one in parameters)
    return Include(source, keys, target or None, bool(modifier), tuple(urls_named(source, parameters, target, scope)))


def _wildcard(base: str, iterate: bool, resource_type: str, scope: Scope) -> Include:
    """All references of the matches; against them, all that may lead to the matches."""
    urls = tuple(url_keys(scope.definitions.schema.resource_types, scope))
    if base == "_include":
        return Include("*", (), None, iterate, urls)
    if iterate or not resource_type:
        mend = "name the types that refer, for example _revinclude:iterate=Provenance:target"
        raise NotUnderstood("too-costly", f"_revinclude=* is for the matches of a search of one type; {mend}. It was left out.")
    found = (parameter_key(*name.split(":")) for name in revincludes(resource_type, scope.definitions))
    return Include("*", tuple(found), None, False, urls)


def revincludes(resource_type: str, definitions: Definitions) -> list[str]:
    """`Type:parameter` of all references that may lead to a type."""
    return [
        f"{source}:{one.code}"
        for source in sorted(definitions.schema.resource_types)
        for one in references_of(source, definitions)
        if not one.targets or resource_type in one.targets
    ]


def _parameters(source: str, code: str, target: str, scope: Scope) -> list[SearchParameter]:
    types = scope.definitions.schema.resource_types
    if source not in types or (target and target not in types):
        return []
    return [one for one in references_of(source, scope.definitions) if code in (one.code, "*")]


def references_of(resource_type: str, definitions: Definitions) -> Iterator[SearchParameter]:
    """The reference parameters of a type that are indexed."""
    return (one for one in definitions.search_parameters(resource_type).values() if one.type == "reference" and one.expression)
