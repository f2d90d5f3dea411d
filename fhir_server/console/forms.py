"""The forms that the server knows: Questionnaires that are stored, as far as the caller may see them, and those of packages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from starlette.types import Scope

from fhir_server.access.permission import permits
from fhir_server.definitions.definitions import CORE, Definitions
from fhir_server.interactions import Interactions
from fhir_server.model.issue import FhirError
from fhir_server.model.json_format import decode_json
from fhir_server.security.caller import NOBODY, Caller
from fhir_server.terminology import Terminology

SHOWN = 500
"""Stored forms of the list, by title."""


@dataclass(frozen=True)
class FormsDesk:
    """Where the pages get forms from, and who they learn is asking from."""

    definitions: Definitions
    terminology: Terminology
    interactions_of: Callable[[Caller], Interactions]
    caller_of: Callable[[Scope], Awaitable[Caller]]

    async def forms(self, scope: Scope) -> list[dict[str, Any]]:
        """Stored ones first, then those of packages that none of the stored replaces."""
        stored = await self._found(scope, [("_sort", "title"), ("_count", str(SHOWN))])
        urls = {one.get("url") for one in stored}
        return [*stored, *(one for one in self._packaged if one.get("url") not in urls)]

    async def by_id(self, scope: Scope, id_: str) -> dict[str, Any] | None:
        """The stored one with this id, else that of a package."""
        found = await self._found(scope, [("_id", id_)])
        return next(iter([*found, *(one for one in self._packaged if one.get("id") == id_)]), None)

    async def by_url(self, scope: Scope, canonical: str) -> dict[str, Any] | None:
        """The one with this canonical URL (`url|version`)."""
        url, _, version = canonical.partition("|")
        found = await self._found(scope, [("url", _escaped(url)), *([("version", _escaped(version))] if version else [])])
        packaged = (one for one in self._packaged if one.get("url") == url and version in ("", one.get("version")))
        return next(iter([*found, *packaged]), None)

    async def _found(self, scope: Scope, pairs: list[tuple[str, str]]) -> list[dict[str, Any]]:
        caller = await self.caller(scope)
        if not permits(caller, "Questionnaire", "s"):
            return []
        result = await self.interactions_of(caller).search("Questionnaire", pairs, tolerant=True)
        return [decode_json(one.content) for one in result.matches if one.content is not None]

    async def caller(self, scope: Scope) -> Caller:
        """Who is asking; NOBODY where that is not known."""
        try:
            return await self.caller_of(scope)
        except FhirError:
            return NOBODY

    @cached_property
    def _packaged(self) -> list[dict[str, Any]]:
        return sorted(self._of_packages(), key=lambda one: str(one.get("title") or one.get("name") or one.get("id")))

    def _of_packages(self) -> Iterator[dict[str, Any]]:
        """Of several packages with the same form, the last one's."""
        packages = [package for package in self.definitions.packages if package.manifest.name != CORE[0]]
        yield from {str(one.get("url") or one.get("id")): one for package in packages for one in package.all("Questionnaire")}.values()


def canonical_of(questionnaire: dict[str, Any]) -> str:
    """What a response names its form by (https://hl7.org/fhir/R4/references.html#canonical)."""
    version = f"|{questionnaire['version']}" if questionnaire.get("version") else ""
    return f"{questionnaire['url']}{version}" if questionnaire.get("url") else f"Questionnaire/{questionnaire.get('id')}"


def _escaped(value: str) -> str:
    """A value of a search parameter, in which these have a meaning (https://hl7.org/fhir/R4/search.html#escaping)."""
    return "".join(f"\\{one}" if one in "\\,$|" else one for one in value)
