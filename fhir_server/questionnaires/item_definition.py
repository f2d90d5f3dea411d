"""An item that says what it is by `definition` (https://hl7.org/fhir/uv/sdc/STU4/modular.html#element): the rest of it comes from an item
of another form (`Questionnaire#linkId`) or from an element of a StructureDefinition.

Only what the item does not say itself is taken. An item with a text of its own is whole as far as StructureDefinitions go: there its
definition says where the answer belongs, and must not change what is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fhir_server.definitions.snapshot import generate_snapshot
from fhir_server.model.json_array import objects
from fhir_server.model.json_format import Resource
from fhir_server.questionnaires.item import CORE, SDC, Item, below, extensions

ROOT = SDC + "assembleDefinitionRoot"
Resolve = Callable[[str], Resource | None]
Tell = Callable[[str], None]
"""Hears what is wrong."""

_TYPES: Mapping[str, str] = {
    "boolean": "boolean", "decimal": "decimal", "integer": "integer", "positiveInt": "integer", "unsignedInt": "integer", "date": "date",
    "dateTime": "dateTime", "instant": "dateTime", "time": "time", "string": "string", "id": "string", "markdown": "text", "uri": "url",
    "url": "url", "canonical": "url", "code": "choice", "Coding": "choice", "CodeableConcept": "choice", "Attachment": "attachment",
    "Reference": "reference", "Quantity": "quantity",
}  # fmt: skip


def completed_item(item: Item, resolve: Resolve, tell: Tell, roots: list[Any]) -> tuple[Item, Resource | None]:
    """The item with what its definition adds, and the form that it was taken from; `roots` are the definitions that count here."""
    canonical, _, fragment = str(item.get("definition", "")).partition("#")
    if not canonical or False in roots or (roots and not any(canonical.startswith(str(one)) for one in roots)):
        return item, None
    found = resolve(canonical)
    kind = (found or {}).get("resourceType")
    if found is not None and kind == "Questionnaire":
        return _from_form(item, found, fragment, tell), found
    if "text" in item or item.get("type") == "display":
        return item, None
    if found is None or kind != "StructureDefinition":
        tell(f"The definition {canonical[:200]} is not here, and the item has no text of its own; add its package, or write one.")
        return item, None
    return _from_element(item, found, fragment, resolve, tell), None


def definition_roots(holder: Item, around: list[Any]) -> list[Any]:
    """The definitions that count at an item: the nearest word about it."""
    return extensions(holder, ROOT) or around


def _from_form(item: Item, form: Resource, link_id: str, tell: Tell) -> Item:
    found = next((one for one in below(form) if one.get("linkId") == link_id), None)
    if found is None:
        tell(f"The form {form.get('url')} has no item {link_id}; mend the definition.")
        return item
    return {**found, **item, **_joined_extensions(item, objects(found.get("extension")))}


def _from_element(item: Item, definition: Resource, element_id: str, resolve: Resolve, tell: Tell) -> Item:
    rows = (definition.get("snapshot") or {}).get("element") or generate_snapshot(definition, resolve).elements
    element = next((row for row in rows if row.get("id") == element_id), None if element_id else next(iter(rows), None))
    if element is None:
        tell(f"{definition.get('url')} has no element {element_id}; mend the definition.")
        return item
    limits = [{"url": CORE + name, key: element[key]} for name in ("minValue", "maxValue") for key in element if key.startswith(name)]
    renamed = [{"url": one["url"], "value" + key[8:]: value} for one in limits for key, value in one.items() if key != "url"]
    return {**_of_element(element, item), **item, **_joined_extensions(item, [*objects(element.get("extension")), *renamed])}


def _of_element(element: Mapping[str, Any], item: Item) -> Item:
    codes = [str(one.get("code")) for one in objects(element.get("type"))]
    kind = str(item.get("type") or next((_TYPES[one] for one in codes if one in _TYPES), "group"))
    value_set = (element.get("binding") or {}).get("valueSet") if kind in ("choice", "open-choice") else None
    has_options = any(name in item for name in ("answerOption", "answerValueSet"))
    made = {
        "code": element.get("code"),
        "text": element.get("label") or element.get("short"),
        "type": kind,
        "required": True if element.get("min") else None,
        "repeats": True if str(element.get("max", "1")) not in ("0", "1") else None,
        "maxLength": element.get("maxLength"),
        "answerValueSet": None if has_options else value_set,
    }
    return {name: value for name, value in made.items() if value is not None}


def _joined_extensions(item: Item, found: list[Item]) -> Item:
    """The item's own extensions, and those whose URL it has not."""
    own = objects(item.get("extension"))
    urls = {one.get("url") for one in own}
    joined = [*own, *(one for one in found if one.get("url") not in urls)]
    return {"extension": joined} if joined else {}
