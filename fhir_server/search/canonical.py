"""Canonical references: resources that are named by their URL (https://hl7.org/fhir/R4/references.html#canonical)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from fhir_server.definitions.search_parameter import SearchParameter, parameter_key
from fhir_server.model.schema import Schema
from fhir_server.search.path import paths_of
from fhir_server.search.scope import Scope

_CANONICAL = ("canonical", "uri")


def urls_named(source: str, parameters: Iterable[SearchParameter], target: str, scope: Scope) -> Iterator[int]:
    """The keys of the URLs (of resources of the type `target`, if it is given) that canonical references of these parameters of `source`
    may name."""
    canonical = [one for one in parameters if _is_canonical(one.expression or "", source, scope.definitions.schema)]
    types = {name for one in canonical for name in one.targets or scope.definitions.schema.resource_types}
    return url_keys(types & {target} if target else types, scope)


def url_keys(types: Iterable[str], scope: Scope) -> Iterator[int]:
    """The keys of the URLs by which resources of these types are found."""
    for name in sorted(types):
        if name in scope.definitions.schema.resource_types and (url := scope.parameters(name).get("url")) and url.type == "uri":
            yield parameter_key(name, "url")


def is_only_canonical(parameter: SearchParameter, source: str, schema: Schema) -> bool:
    """True where no value of the parameter is a Reference."""
    types = _types(parameter.expression or "", source, schema)
    return bool(types) and types.issubset(_CANONICAL)


def _is_canonical(expression: str, source: str, schema: Schema) -> bool:
    return not _types(expression, source, schema).isdisjoint(_CANONICAL)


@lru_cache(maxsize=1024)
def _types(expression: str, source: str, schema: Schema) -> frozenset[str]:
    return frozenset(path.type for path in paths_of(expression, source, schema)[0])
