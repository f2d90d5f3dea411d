"""What an unknown name was probably meant to be: "birthdate" -> "birthDate"."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from fhir_server.model.phrase import phrase

_LONGEST = 64


def near_miss(name: str, known: Iterable[str]) -> str:
    """` Did you mean 'birthDate'?`, or "" where nothing known is near."""
    if len(name) > _LONGEST:
        return ""
    names = sorted(known)
    same = [one for one in names if one.lower() == name.lower()]
    close = same or get_close_matches(name, names, 1, 0.7)
    return phrase(" Did you mean '{name}'?", name=close[0]) if close else ""
