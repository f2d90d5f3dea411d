"""A Questionnaire in one language: its translations (https://hl7.org/fhir/R4/extension-translation.html) put in the place of its texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fhir_server.terminology.designation import speaks

TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"


def localised(element: Any, language: str) -> Any:
    """A copy of the element and what is below it; what has no translation into the language stays as it is."""
    if isinstance(element, list):
        return [localised(one, language) for one in element]
    if not isinstance(element, dict):
        return element
    told = {name: text for name in element if (text := _translation(element.get(f"_{name}"), language)) is not None}
    return {name: told[name] if name in told else localised(value, language) for name, value in element.items()}


def language_of(questionnaire: dict[str, Any], wanted: str) -> str:
    """The language that the localised form is in: the one wanted where its title is told in it, else the form's own."""
    own = str(questionnaire.get("language") or wanted)
    return wanted if speaks(own, wanted) or _translation(questionnaire.get("_title"), wanted) is not None else own


def _translation(companion: Any, language: str) -> str | None:
    """The text in a language, out of the companion `_text` of `text`."""
    return next((content for tag, content in _translations(companion) if speaks(tag, language)), None)


def _translations(companion: Any) -> Iterator[tuple[str, str]]:
    extensions = companion.get("extension") if isinstance(companion, dict) else None
    for one in _objects(extensions):
        if one.get("url") == TRANSLATION:
            parts = {part.get("url"): part for part in _objects(one.get("extension"))}
            content = next((value for name, value in parts.get("content", {}).items() if name.startswith("value")), None)
            if isinstance(content, str):
                yield str(parts.get("lang", {}).get("valueCode", "")), content


def _objects(listed: Any) -> list[dict[str, Any]]:
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
