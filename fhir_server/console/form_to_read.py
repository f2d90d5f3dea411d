"""A form as questions to read: what the page shows without scripts, and before they have run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

HIDDEN = "http://hl7.org/fhir/StructureDefinition/questionnaire-hidden"
Element = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """One item of the form; `kind` is its type (https://hl7.org/fhir/R4/valueset-item-type.html), `depends` says that it may not apply."""

    text: str
    kind: str
    required: bool
    depends: bool
    options: tuple[str, ...]
    below: tuple[Question, ...]


def questions(questionnaire: Element) -> tuple[Question, ...]:
    """The form's items in order, without those that are never shown; contained value sets give the options."""
    sets = {f"#{one.get('id')}": one for one in questionnaire.get("contained", ()) if one.get("resourceType") == "ValueSet"}
    return tuple(_questions(questionnaire, sets))


def texts_of(questionnaire: Element) -> dict[str, str]:
    """The texts of all items by linkId, as the form itself has them."""
    found: dict[str, str] = {}
    for item in questionnaire.get("item", ()):
        found |= ({item["linkId"]: item["text"]} if item.get("text") else {}) | texts_of(item)
    return found


def _questions(holder: Element, sets: dict[str, Element]) -> Iterator[Question]:
    for item in holder.get("item", ()):
        if not any(one.get("url") == HIDDEN and one.get("valueBoolean") for one in item.get("extension", ())):
            text = " ".join(str(item[name]) for name in ("prefix", "text") if item.get(name))
            depends = any("enableWhen" in part for part in (item, *(one.get("url", "") for one in item.get("extension", ()))))
            options = (*_options(item), *_expanded(sets.get(item.get("answerValueSet", ""), {})))
            below = tuple(_questions(item, sets))
            yield Question(text or item["linkId"], str(item.get("type")), item.get("required") is True, depends, options, below)


def _options(item: Element) -> Iterator[str]:
    for option in item.get("answerOption", ()):
        value = next((value for name, value in option.items() if name.startswith("value")), None)
        yield str(value.get("display") or value.get("code") or value.get("reference")) if isinstance(value, dict) else str(value)


def _expanded(value_set: Element) -> Iterator[str]:
    for one in value_set.get("expansion", {}).get("contains", ()):
        yield str(one.get("display") or one.get("code"))
