"""The API page: an OpenAPI document of the FHIR side (https://spec.openapis.org/oas/v3.1.0), read for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Document = Mapping[str, Any]

METHODS = ("get", "head", "post", "put", "patch", "delete")
EVERY_TYPE = "{type}"


@dataclass(frozen=True, slots=True)
class Interaction:
    """One method on one path, such as GET `/{type}/{id}`."""

    method: str
    path: str
    summary: str

    @property
    def is_operation(self) -> bool:
        return "$" in self.path

    @property
    def first_segment(self) -> str:
        return self.path.split("/")[1]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query parameter. `type` is FHIR's (token, date...), empty where the document does not say."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class ResourceType:
    """A resource type with what it alone has."""

    name: str
    parameters: tuple[Parameter, ...]
    operations: tuple[Interaction, ...]


@dataclass(frozen=True, slots=True)
class ApiView:
    """What the page shows. `common` parameters are found on every type and not repeated on each."""

    system: tuple[Interaction, ...]
    every_type: tuple[Interaction, ...]
    operations: tuple[Interaction, ...]
    common: tuple[Parameter, ...]
    types: tuple[ResourceType, ...]
    formats: tuple[str, ...]

    @property
    def letters(self) -> list[str]:
        return sorted({one.name[0] for one in self.types})


def api_view(document: Document) -> ApiView:
    """The document's paths sorted into what concerns the system, every resource type, and one type."""
    interactions = tuple(_interactions(document))
    names = type_names(document)
    searches = {name: _parameters(document, document["paths"].get(f"/{name}", {}).get("get", {})) for name in names}
    common = _in_all(list(searches.values()))
    generic = [one for one in interactions if one.first_segment == EVERY_TYPE]
    return ApiView(
        system=tuple(one for one in interactions if one.first_segment not in {*names, EVERY_TYPE}),
        every_type=tuple(one for one in generic if not one.is_operation),
        operations=tuple(one for one in generic if one.is_operation),
        common=common,
        types=tuple(_resource_type(name, searches[name], common, interactions) for name in names),
        formats=tuple(_formats(document)),
    )


def type_names(document: Document) -> list[str]:
    """The resource types: the values that the path variable {type} may have."""
    parameter = document.get("components", {}).get("parameters", {}).get("type", {})
    return sorted(parameter.get("schema", {}).get("enum", ()))


def _interactions(document: Document) -> Iterator[Interaction]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield Interaction(method.upper(), path, item[method].get("summary", ""))


def _resource_type(
    name: str, parameters: tuple[Parameter, ...], common: tuple[Parameter, ...], interactions: Iterable[Interaction]
) -> ResourceType:
    own = tuple(parameter for parameter in parameters if parameter not in common)
    ours = (one for one in interactions if one.first_segment == name and (one.method, one.path) != ("GET", f"/{name}"))
    return ResourceType(name, own, tuple(ours))


def _parameters(document: Document, operation: Document) -> tuple[Parameter, ...]:
    resolved = (_resolved(document, one) for one in operation.get("parameters", ()))
    return tuple(Parameter(one["name"], _fhir_type(one.get("description", ""))) for one in resolved if one["in"] == "query")


def _fhir_type(description: str) -> str:
    """`token` of `token: http://hl7.org/fhir/SearchParameter/Patient-active`."""
    kind, colon, _ = description.partition(":")
    return kind if colon else ""


def _resolved(document: Document, element: Document) -> Document:
    """What a local `$ref` (`#/components/parameters/_count`) points to."""
    if "$ref" not in element:
        return element
    found = document
    for step in element["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return found


def _in_all(lists: list[tuple[Parameter, ...]]) -> tuple[Parameter, ...]:
    """Those that every type has, in the order of the first type."""
    return tuple(one for one in lists[0] if all(one in other for other in lists)) if len(lists) > 1 else ()


def _formats(document: Document) -> list[str]:
    """The media types of all answers, each once; a Binary's own is any."""
    operations = (item[method] for item in document["paths"].values() for method in METHODS if method in item)
    answers = (_resolved(document, answer) for operation in operations for answer in operation.get("responses", {}).values())
    return list(dict.fromkeys(media for answer in answers for media in answer.get("content", ()) if "*" not in media))
