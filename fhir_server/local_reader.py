"""What is stored, for the server's own parts: read and found by the interactions, unguarded."""

from __future__ import annotations

from collections.abc import Sequence

from fhir_server.interactions import Interactions
from fhir_server.model.issue import Category, FhirError
from fhir_server.model.json_format import Resource, decode_json

PAGE = "1000"


class LocalReader:
    """Reads through these interactions."""

    def __init__(self, interactions: Interactions):
        self._interactions = interactions

    async def read(self, type_name: str, id_: str) -> Resource | None:
        """The current version, or None."""
        try:
            stored = await self._interactions.read(type_name, id_)
        except FhirError as error:
            if error.category in (Category.NOT_FOUND, Category.GONE):
                return None
            raise
        resource: Resource = decode_json(stored.content or b"null")
        return resource

    async def search(self, type_name: str, parameters: Sequence[tuple[str, str]]) -> list[Resource]:
        """The first thousand matches; a parameter that is not understood is an error here."""
        result = await self._interactions.search(type_name, [*parameters, ("_count", PAGE), ("_total", "none")])
        if result.issues:
            raise FhirError(Category.MALFORMED, result.issues)
        return [decode_json(stored.content or b"null") for stored in result.matches]
