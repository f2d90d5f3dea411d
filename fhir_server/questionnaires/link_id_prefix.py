"""`linkIdPrefix`: what keeps the linkIds and contained resources of a module apart from others in the same form
(https://hl7.org/fhir/uv/sdc/STU4/modular.html#modular-questionnaires).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fhir_server.model.json_array import objects
from fhir_server.model.json_format import Resource
from fhir_server.questionnaires.item import Item


def prefixed_item(item: Item, prefix: str, form: Resource) -> Item:
    """The item with its linkId, its conditions' questions and its references to what the form contains prefixed; not the items below it."""
    if not prefix:
        return item
    own = {name: value for name, value in item.items() if name != "item"}
    made: Item = _rewritten(own, _references(form, prefix))
    made["linkId"] = prefix + str(item.get("linkId", ""))
    for condition in objects(made.get("enableWhen")):
        condition["question"] = prefix + str(condition.get("question", ""))
    return made | ({"item": item["item"]} if "item" in item else {})


def prefixed_extensions(found: list[Item], prefix: str, form: Resource) -> list[Item]:
    """Extensions with their references to what the form contains prefixed."""
    return [_rewritten(one, _references(form, prefix)) for one in found] if prefix else found


def prefixed_contained(form: Resource, prefix: str) -> list[Resource]:
    """What the form contains, under prefixed ids."""
    if not prefix:
        return objects(form.get("contained"))
    rewrite = _references(form, prefix)
    return [{**_rewritten(one, rewrite), "id": prefix + str(one.get("id", ""))} for one in objects(form.get("contained"))]


def _references(form: Resource, prefix: str) -> Callable[[str], str]:
    known = {f"#{one.get('id')}" for one in objects(form.get("contained"))}
    return lambda text: f"#{prefix}{text[1:]}" if text in known else text


def _rewritten(value: Any, rewrite: Callable[[str], str]) -> Any:
    """A copy in which each text was looked at."""
    if isinstance(value, dict):
        return {name: _rewritten(one, rewrite) for name, one in value.items()}
    if isinstance(value, list):
        return [_rewritten(one, rewrite) for one in value]
    return rewrite(value) if isinstance(value, str) else value
