"""The resources that a resource contains, found by their ids (https://hl7.org/fhir/R4/references.html#contained)."""

from __future__ import annotations

from functools import cached_property
from typing import Any


class Contained:
    """The contained resources of `root`. They are indexed at the first question, so that many references to many cost what they are."""

    def __init__(self, root: dict[str, Any]):
        self.root = root

    @cached_property
    def _places(self) -> dict[str, int]:
        """id -> index; of several with one id the first counts. What is no resource is passed over."""
        found: dict[str, int] = {}
        for index, one in enumerate(self._listed):
            if isinstance(one, dict) and isinstance(id_ := one.get("id"), str):
                found.setdefault(id_, index)
        return found

    @cached_property
    def _canonical(self) -> dict[tuple[str, str], dict[str, Any]]:
        """(resource type, url) -> resource; the first counts."""
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for one in self._listed:
            if isinstance(one, dict) and isinstance(url := one.get("url"), str):
                found.setdefault((str(one.get("resourceType")), url), one)
        return found

    def canonical(self, type_name: str, url: str) -> dict[str, Any] | None:
        """The contained resource of this type with this canonical URL."""
        return self._canonical.get((type_name, url))

    @property
    def _listed(self) -> list[Any]:
        listed = self.root.get("contained")
        return listed if isinstance(listed, list) else []

    def place(self, id_: str) -> int | None:
        """The index in `contained` of the resource with this id."""
        return self._places.get(id_)

    def find(self, id_: str) -> dict[str, Any] | None:
        """The contained resource with this id."""
        index = self._places.get(id_)
        return None if index is None else self._listed[index]
