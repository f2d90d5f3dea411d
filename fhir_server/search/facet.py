"""Facets: what a modifier searches beside a parameter's own values, as a parameter of its own with its own index key.

`code:text`, `identifier:of-type` and `subject:identifier` are read off the same elements as `code`, `identifier` and `subject`
(https://hl7.org/fhir/R4/search.html#modifiers).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from fhir_server.definitions.search_parameter import SearchParameter
from fhir_server.search.types import identifier, text
from fhir_server.search.types.writer import Writers

FACETS: Mapping[str, Mapping[str, tuple[str, Writers]]] = {
    "token": {"text": ("string", text.TOKEN_WRITERS), "of-type": ("token", identifier.OF_TYPE_WRITERS)},
    "reference": {"text": ("string", text.REFERENCE_WRITERS), "identifier": ("token", identifier.REFERENCE_WRITERS)},
}
"""By type of the parameter: modifier -> type of its values, and what writes them."""


def facet(parameter: SearchParameter, modifier: str) -> SearchParameter | None:
    """The parameter that the modifier searches; None where it does not search another one."""
    found = FACETS.get(parameter.type, {}).get(modifier)
    return replace(parameter, code=f"{parameter.code}:{modifier}", type=found[0]) if found else None


def facets(parameter: SearchParameter) -> Iterator[tuple[SearchParameter, Writers]]:
    """All facets of a parameter, each with its writers."""
    for modifier, (type_, writers) in FACETS.get(parameter.type, {}).items():
        yield replace(parameter, code=f"{parameter.code}:{modifier}", type=type_), writers
