"""What a concept is called, in the language that is asked for (https://hl7.org/fhir/R4/codesystem-definitions.html#CodeSystem.concept.designation)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Source = Mapping[str, Any]
"""`CodeSystem.concept` or `ValueSet.compose.include.concept`: both have `display` and `designation`."""


def designations(source: Source) -> Iterator[dict[str, Any]]:
    """The designations that have a text."""
    for one in source.get("designation", ()):
        if isinstance(one, dict) and isinstance(one.get("value"), str):
            yield one


def display_in(sources: tuple[Source, ...], language: str | None) -> str | None:
    """The text in the language (`fr` is served by `fr-FR` too), else the display; of several sources the first that has one."""
    if language:
        for source in sources:
            for one in designations(source):
                if speaks(str(one.get("language", "")), language):
                    return str(one["value"])
    return next((str(source["display"]) for source in sources if source.get("display")), None)


def speaks(found: str, wanted: str) -> bool:
    """`fr-FR` answers for `fr`, and the reverse."""
    one, other = found.lower(), wanted.lower()
    return bool(one) and (one == other or one.startswith(other + "-") or other.startswith(one + "-"))
