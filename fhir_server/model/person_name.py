"""Names of persons compared as people mean them: without case, accents and hyphens (https://hl7.org/fhir/R4/datatypes.html#HumanName)."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any


def same_name(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two persons bear the same name: same family name (none is never the same), and given names that do not
    contradict each other."""
    return any(_alike(a, b) for a in one.get("name", []) for b in other.get("name", []))


def _alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    family = plain_name(one.get("family", ""))
    if not family or family != plain_name(other.get("family", "")):
        return False
    given, other_given = (plain_name("".join(name.get("given", [])[:1])) for name in (one, other))
    return given.startswith(other_given) or other_given.startswith(given)


def plain_name(text: str) -> str:
    """Letters only, without accents, upper case: `Réault-Lê` is `REAULTLE`."""
    folded = unicodedata.normalize("NFKD", text).upper()
    return "".join(character for character in folded if character.isalpha())
