"""What is stored, for the server's own parts: read and found by the interactions, unguarded."""

from __future__ import annotations

from collections.abc import Sequence

from fhir_server.interactions import Interactions
from fhir_server.model.issue import Category, FhirError
from fhir_server.model.json_format import Resource, decode_json

WHOLE = (("_count", "1000"), ("_total", "none"))
"""What makes a page of all matches, as far as anybody asks for them."""


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
        (found,) = await self.search_each([(type_name, parameters)])
        return found

    async def search_each(self, searches: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> list[list[Resource]]:
        """As many searches, each as `search`, in one go."""
        asked = [(type_name, [*parameters, *WHOLE]) for type_name, parameters in searches]
        return [[decode_json(one.content or b"null") for one in found] for found in await self._interactions.search_each(asked)]
