"""What of a module's own extensions comes along into the form that takes it in
(https://hl7.org/fhir/uv/sdc/STU4/modular.html#modular-questionnaires): some to the root, some to the item that the module stands in; the
others are left behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from fhir_server.model.json_array import objects
from fhir_server.model.json_format import Resource
from fhir_server.questionnaires.environment import LAUNCH_CONTEXT, VARIABLE
from fhir_server.questionnaires.item import CORE, SDC, Item, extension

LIBRARY, CONSTRAINT = CORE + "cqf-library", CORE + "targetConstraint"
ROOT_NAMES = ("observationExtract", "observationLinkPeriod", "templateExtractBundle")
HOLDER_NAMES = (
    "itemPopulationContext", "itemExtractionContext", "definitionExtract", "definitionExtractValue", "templateExtract", "extractAllocateId",
)  # fmt: skip
TO_ROOT = frozenset((LIBRARY, LAUNCH_CONTEXT, *(SDC + name for name in ROOT_NAMES)))
TO_HOLDER = frozenset((CONSTRAINT, VARIABLE, *(SDC + name for name in HOLDER_NAMES)))
"""The guide names the older form of extraction; what took its place comes along as it does."""

ONLY_ONE = (SDC + "itemPopulationContext", SDC + "itemExtractionContext")
"""Of which an item may have one."""


def for_root(module: Resource) -> list[Item]:
    return [one for one in objects(module.get("extension")) if one.get("url") in TO_ROOT]


def for_holder(module: Resource) -> list[Item]:
    return [one for one in objects(module.get("extension")) if one.get("url") in TO_HOLDER]


def with_extensions(holder: Item, found: Iterable[Item], refuse: Callable[[str], None]) -> Item:
    """The holder with these extensions, each once; `refuse` hears which cannot be there beside those that are."""
    kept = list(objects(holder.get("extension")))
    for one in found:
        if one in kept or any(_is_same_launch(one, other) for other in kept):
            continue
        if sentence := _clash(one, kept):
            refuse(sentence)
        kept.append(one)
    return {**holder, "extension": kept} if kept else holder


def _clash(one: Item, kept: list[Item]) -> str | None:
    """Why an extension cannot be beside the others; None where it can."""
    url, name = str(one.get("url")), _variable_name(one)
    if name and any(_variable_name(other) == name for other in kept):
        return f"Two variables are named {name} here; rename one."
    if url in ONLY_ONE and any(other.get("url") == url for other in kept):
        return f"There would be two {url.rpartition('-')[2]} here; put a group around one of the modules."
    return None


def _variable_name(one: Item) -> str | None:
    value = one.get("valueExpression")
    return str(value.get("name")) if one.get("url") == VARIABLE and isinstance(value, dict) else None


def _is_same_launch(one: Item, other: Item) -> bool:
    """The same launch context, whatever it is described as."""
    if one.get("url") != LAUNCH_CONTEXT or other.get("url") != LAUNCH_CONTEXT:
        return False
    first, second = extension(one, "name"), extension(other, "name")
    return bool(first) and isinstance(first, dict) and isinstance(second, dict) and first.get("code") == second.get("code")
