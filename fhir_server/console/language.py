"""The texts of the pages in the language that a reader prefers."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from fhir_server.model.language import LANGUAGES, preferred_language

__all__ = ["LANGUAGES", "Texts", "preferred_language", "texts"]

Texts = dict[str, Any]


@cache
def texts(language: str) -> Texts:
    """The texts of one of LANGUAGES, by page and name."""
    source = files("fhir_server.console") / "texts" / f"{language}.json"
    loaded: Texts = json.loads(source.read_text(encoding="utf-8"))
    return loaded
