"""Pages of searches and histories, and the entries in them (https://hl7.org/fhir/R4/bundle.html#searchset)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from fhir_server.client.representation import Resource, as_held

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page: what was searched for, what came in addition, and what the server has to say about the search."""

    bundle: Resource
    matches: list[T]
    included: list[Resource]
    outcomes: list[Resource]

    @property
    def total(self) -> int | None:
        """How many match in all, where the server says so."""
        return self.bundle.get("total")

    @property
    def next(self) -> str | None:
        """The link to the page after this one."""
        return link(self.bundle, "next")


@dataclass(frozen=True, slots=True)
class Version:
    """An entry of a history; `resource` is None where it was a deletion."""

    method: str
    url: str
    resource: Resource | None
    etag: str | None
    last_modified: str | None


def link(bundle: Resource, relation: str) -> str | None:
    """The URL of a relation."""
    return next((str(one["url"]) for one in bundle.get("link", []) if one.get("relation") == relation), None)


def page(bundle: Resource, kind: Any) -> Page[Any]:
    """The page of a searchset; entries without a mode are matches."""
    found: dict[str, list[Resource]] = {"match": [], "include": [], "outcome": []}
    for entry in bundle.get("entry", []):
        found.setdefault(entry.get("search", {}).get("mode", "match"), []).append(entry["resource"])
    return Page(bundle, [as_held(one, kind) for one in found["match"]], found["include"], found["outcome"])


def versions(bundle: Resource) -> list[Version]:
    """The entries of a history, newest first."""
    return [_version(entry) for entry in bundle.get("entry", [])]


def _version(entry: Resource) -> Version:
    request, response = entry.get("request", {}), entry.get("response", {})
    return Version(
        request.get("method", ""), request.get("url", ""), entry.get("resource"), response.get("etag"), response.get("lastModified")
    )
