"""The form an answer is asked in: `_format`, `_pretty` (https://hl7.org/fhir/R4/http.html#parameters), `_summary`, `_elements`
(https://hl7.org/fhir/R4/search.html#summary).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from fhir_server.model.issue import Category, fault
from fhir_server.rest.media_type import Format, accepted_format, asked_format

VIEW_PARAMETERS = frozenset(("_format", "_pretty", "_summary", "_elements"))
SUMMARIES = ("true", "text", "data", "count", "false")


@dataclass(frozen=True, slots=True)
class View:
    """`summary` is one of true, text, data, count or None; `elements` names top-level elements, empty for all."""

    format: Format
    content_type: bytes
    pretty: bool = False
    summary: str | None = None
    elements: tuple[str, ...] = ()

    @property
    def serves_stored_bytes(self) -> bool:
        """True where the stored JSON can go out untouched."""
        return self.format.name == "json" and not self.pretty and self.is_whole

    @property
    def is_whole(self) -> bool:
        return self.summary is None and not self.elements


@lru_cache(maxsize=512)
def plain_view(accept: str) -> View:
    """The view of a request without parameters."""
    found = accepted_format(accept)
    return View(found, found.content_type)


def view_of(accept: str, pairs: list[tuple[str, str]]) -> View:
    """What Accept and the parameters ask for; `_format` wins over Accept. NOT_ACCEPTABLE or MALFORMED where it cannot be had."""
    said = {name: value for name, value in pairs if name in VIEW_PARAMETERS}
    found = asked_format(said["_format"]) if said.get("_format") else accepted_format(accept)
    elements = tuple(name.strip() for key, value in pairs if key == "_elements" for name in value.split(",") if name.strip())
    return View(found, found.content_type, _pretty(said.get("_pretty", "false")), _summary(said.get("_summary", "false")), elements)


def _pretty(value: str) -> bool:
    if value not in ("true", "false"):
        raise fault(Category.MALFORMED, "value", f"_pretty={value} is neither true nor false.")
    return value == "true"


def _summary(value: str) -> str | None:
    if value not in SUMMARIES:
        raise fault(Category.MALFORMED, "value", f"_summary={value} is unknown; use one of {', '.join(SUMMARIES)}.")
    return None if value == "false" else value
