"""Parts of resources: `_summary` and `_elements` (https://hl7.org/fhir/R4/search.html#summary, #elements).

Which elements are in a summary, mandatory or modifiers is read from the types; the rest is left out and the resource is
marked SUBSETTED, so that nobody writes it back as if it were whole.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fhir_server.model.issue import Issue
from fhir_server.model.schema import Element, Schema, TypeDefinition
from fhir_server.rest.view import View

Resource = dict[str, Any]
Keep = Callable[[Element], bool]

SUBSETTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
_ALWAYS = frozenset(("resourceType", "id", "meta", "implicitRules"))


def subset(resource: Resource, view: View, schema: Schema) -> Resource:
    """The part of a resource that the view asks for, tagged; the resource itself where that is all of it."""
    definition = schema.get(resource.get("resourceType", ""))
    if definition is None or view.is_whole or view.summary == "count":
        return resource
    if view.summary == "true" and not view.elements:
        return _tagged(_summary(resource, definition, schema))
    return _tagged(_kept(resource, definition, _rule(view)))


def unknown_elements(view: View, type_name: str, schema: Schema) -> list[Issue]:
    """A warning for each name in `_elements` that the type does not have."""
    definition = schema[type_name]
    known = {element.choice or element.name for element in definition.elements.values()} | set(definition.elements) | _ALWAYS
    return [_unknown(name, type_name) for name in _wanted(view) if name not in known]


def _unknown(name: str, type_name: str) -> Issue:
    sentence = f"_elements: {type_name} has no element {name[:64]!r}; it was passed over."
    return Issue("warning", "not-found", sentence, message_id="elements-unknown")


def _wanted(view: View) -> list[str]:
    return [name.removesuffix("[x]") for name in view.elements]


def _rule(view: View) -> Keep:
    if view.elements:
        wanted = frozenset(_wanted(view))
        return lambda element: element.min > 0 or element.is_modifier or element.name in wanted or element.choice in wanted
    if view.summary == "text":
        return lambda element: element.min > 0 or element.name == "text"
    return lambda element: element.name != "text"


def _kept(value: Resource, definition: TypeDefinition, keep: Keep) -> Resource:
    elements = definition.elements
    return {
        name: content
        for name, content in value.items()
        if name in _ALWAYS or ((element := elements.get(name.removeprefix("_"))) and keep(element))
    }


def _summary(value: Resource, definition: TypeDefinition, schema: Schema) -> Resource:
    kept = _kept(value, definition, lambda element: element.is_summary or element.min > 0)
    return {name: _summary_within(content, definition.elements.get(name), schema) for name, content in kept.items()}


def _summary_within(content: Any, element: Element | None, schema: Schema) -> Any:
    inner = schema.get(element.type) if element else None
    if inner is None or inner.kind != "backbone":
        return content
    if isinstance(content, list):
        return [_summary(one, inner, schema) if isinstance(one, dict) else one for one in content]
    return _summary(content, inner, schema) if isinstance(content, dict) else content


def _tagged(resource: Resource) -> Resource:
    meta = resource.get("meta") or {}
    tags = [tag for tag in meta.get("tag", ()) if tag.get("code") != "SUBSETTED"]
    first = {name: resource[name] for name in ("resourceType", "id") if name in resource}
    return first | {"meta": {**meta, "tag": [*tags, SUBSETTED]}} | {name: value for name, value in resource.items() if name != "meta"}
