"""Texts of a form in the language of who reads (http://hl7.org/fhir/StructureDefinition/translation)."""

from __future__ import annotations

from typing import Any

from fhir_server.questionnaires.item import CORE, Item, complex_extensions, extension
from fhir_server.terminology.designation import speaks

TRANSLATION = CORE + "translation"


def said(holder: Item, name: str, language: str) -> str:
    """An element's text in a language, else as it is written; "" where it has none."""
    sibling = holder.get(f"_{name}")
    for one in complex_extensions(sibling, TRANSLATION) if isinstance(sibling, dict) else ():
        if speaks(_text(extension(one, "lang")), language) and (found := _text(extension(one, "content"))):
            return found
    return _text(holder.get(name))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
