"""The entries of a Bundle, indexed once, and which of them a reference means (https://hl7.org/fhir/R4/bundle.html#references).

Every look-up is one or two dictionary accesses, so that a Bundle of any size is checked in time linear in its size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fhir_server.model.json_format import Resource
from fhir_server.model.references import ParsedReference, parse_reference


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry that holds a resource."""

    index: int
    full_url: str | None
    resource: Resource

    @property
    def type_and_id(self) -> str | None:
        """`Patient/1`; None without an id."""
        id_ = self.resource.get("id")
        return f"{self.resource.get('resourceType')}/{id_}" if isinstance(id_, str) else None

    @property
    def version(self) -> str | None:
        meta = self.resource.get("meta")
        return meta.get("versionId") if isinstance(meta, dict) else None


class BundleIndex:
    """Finds entries by what references say of them."""

    def __init__(self, bundle: Resource):
        self.bundle = bundle
        self.type = bundle.get("type")
        self.entries = list(_entries(bundle))
        self._by_full_url: dict[str, list[Entry]] = {}
        self._by_identity: dict[str, list[Entry]] = {}
        self._by_canonical: dict[str, list[Entry]] = {}
        for entry in self.entries:
            self._add(entry)

    def _add(self, entry: Entry) -> None:
        if entry.full_url:
            self._by_full_url.setdefault(entry.full_url, []).append(entry)
        if identity := entry.type_and_id:
            self._by_identity.setdefault(identity, []).append(entry)
        if isinstance(url := entry.resource.get("url"), str):
            self._by_canonical.setdefault(url, []).append(entry)

    def find(self, text: str, full_url: str | None) -> Sequence[Entry]:
        """The entries that a reference means, written in the entry with this fullUrl; several where the Bundle is ambiguous."""
        reference = parse_reference(text)
        if reference.kind in ("relative", "absolute", "urn"):
            return self._versioned(reference, self._by_full_url.get(target_url(reference, full_url), ()))
        return ()

    def look_alikes(self, text: str) -> Sequence[Entry]:
        """The entries with the type and id that a relative or RESTful reference names, whatever their fullUrl says."""
        return self._by_identity.get(parse_reference(text).type_and_id or "", ())

    def canonical(self, url: str, version: str | None = None) -> Resource | None:
        """The resource with this canonical URL."""
        found = (one.resource for one in self._by_canonical.get(url, ()))
        return next((one for one in found if version is None or one.get("version") == version), None)

    @staticmethod
    def _versioned(reference: ParsedReference, entries: Sequence[Entry]) -> Sequence[Entry]:
        if reference.version is None:
            return entries
        return [entry for entry in entries if entry.version == reference.version]


def target_url(reference: ParsedReference, full_url: str | None) -> str:
    """The fullUrl that the target of a reference must have; versions and fragments are left out.

    `Patient/[uuid]`, written in an entry whose fullUrl is a urn:uuid:, means the urn of that id, as the reference validator reads it.
    """
    identity = reference.type_and_id
    if reference.kind == "absolute" and identity:
        return f"{reference.base}/{identity}"
    if reference.kind != "relative" or identity is None:
        return reference.text.partition("#")[0]
    source = parse_reference(full_url or "")
    if source.kind == "absolute" and source.base:
        return f"{source.base}/{identity}"
    return f"{full_url[:9]}{reference.id}" if full_url and full_url.startswith("urn:uuid:") else identity


def _entries(bundle: Resource) -> list[Entry]:
    listed = bundle.get("entry")
    entries = enumerate(listed if isinstance(listed, list) else ())
    return [Entry(index, _text(one.get("fullUrl")), one["resource"]) for index, one in entries if _holds_resource(one)]


def _holds_resource(entry: Any) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("resource"), dict)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
