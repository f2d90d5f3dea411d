"""Composition/$document: a document Bundle out of a Composition and what it refers to
(https://hl7.org/fhir/R4/composition-operation-document.html, https://hl7.org/fhir/R4/documents.html#content).

Everything that the Composition itself refers to must be here, or there is no document. Beside that come what those are made of
(the results of a report, the members of a panel, the items of a list) and, for both, what is about nobody in particular:
practitioners, organizations, places, medications, devices.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from fhir_server.definitions.definitions import Definitions
from fhir_server.model.issue import Category, FhirError, Issue, fault
from fhir_server.model.json_format import Resource, decode_resource
from fhir_server.model.references import ParsedReference, parse_reference
from fhir_server.operations.everything import record_steps
from fhir_server.store.stored import Stored

MAX_ENTRIES = 1000
DEPTH = 4
"""How far references are followed beyond those of the Composition."""

PARTS = {"DiagnosticReport": ("result",), "Observation": ("hasMember",), "List": ("entry",), "MedicationRequest": ("medicationReference",)}
"""What a resource is made of, and is therefore in the document too, though it is about a person."""

_NOT_CONTENT = frozenset(("relatesTo", "contained"))
"""Other documents that a Composition names are not part of this one."""

_PERSON = ("Patient", "RelatedPerson")


class Reader(Protocol):
    """The interactions that $document is made of."""

    definitions: Definitions

    async def read(self, type_name: str, id_: str) -> Stored: ...

    async def vread(self, type_name: str, id_: str, version: str) -> Stored: ...


@dataclass(frozen=True, slots=True)
class _Target:
    """A resource of this server that something refers to."""

    type: str
    id: str
    version: str | None = None


class DocumentMaker:
    """`base` is this server's own URL: the full URLs of the entries begin with it."""

    def __init__(self, interactions: Reader, base: str):
        self._interactions, self._base = interactions, base
        self._schema = interactions.definitions.schema
        self._personal = frozenset(step.type for step in record_steps(interactions.definitions)) | {"Patient"}

    async def document(self, id_: str, identity: UUID, now: str) -> Resource:
        """The Bundle; NOT_FOUND without the Composition, INVALID with every reference of it that cannot be resolved here.

        `identity` becomes the Bundle's id and identifier, `now` (an instant) its timestamp.
        """
        composition = decode_resource((await self._interactions.read("Composition", id_)).content or b"")
        direct, missing = await self._direct(composition)
        if missing:
            raise FhirError(Category.INVALID, missing)
        found = {("Composition", id_): composition} | direct
        await self._add_further(found)
        return {
            "resourceType": "Bundle",
            "id": str(identity),
            "identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{identity}"},
            "type": "document",
            "timestamp": now,
            "entry": [{"fullUrl": f"{self._base}/{type_name}/{name}", "resource": one} for (type_name, name), one in found.items()],
        }

    async def _direct(self, composition: Resource) -> tuple[dict[tuple[str, str], Resource], list[Issue]]:
        own = {name: value for name, value in composition.items() if name not in _NOT_CONTENT}
        found: dict[tuple[str, str], Resource] = {}
        missing: list[Issue] = []
        for place, reference in [*references(own, "Composition"), *_of_contained(composition)]:
            if reference.kind == "contained":
                continue
            target = self._target(reference)
            resource = await self._read(target) if target else None
            if target is None or resource is None:
                missing.append(_missing(place, reference))
            elif (target.type, target.id) != ("Composition", composition.get("id")):
                found.setdefault((target.type, target.id), resource)
        return found, missing

    def _target(self, reference: ParsedReference) -> _Target | None:
        is_ours = reference.kind == "relative" or (reference.kind == "absolute" and reference.base == self._base)
        if not is_ours or reference.type not in self._schema.resource_types or not reference.id:
            return None
        return _Target(str(reference.type), reference.id, reference.version)

    async def _read(self, target: _Target) -> Resource | None:
        try:
            read, vread = self._interactions.read, self._interactions.vread
            stored = await (vread(target.type, target.id, target.version) if target.version else read(target.type, target.id))
        except FhirError:
            return None
        return decode_resource(stored.content or b"")

    async def _add_further(self, found: dict[tuple[str, str], Resource]) -> None:
        """What is referred to further on, where it belongs into the document; in silence without what is not here."""
        newest = [one for one in found.values() if one["resourceType"] != "Composition"]
        for _ in range(DEPTH):
            targets = [target for one in newest for target in self._further(one) if (target.type, target.id) not in found]
            newest = [one for target in dict.fromkeys(targets) if (one := await self._read(target)) and _added(found, target, one)]
            if len(found) > MAX_ENTRIES:
                sentence = f"The document would have more than {MAX_ENTRIES} entries; make the Composition smaller."
                raise fault(Category.INVALID, "too-costly", sentence)

    def _further(self, resource: Resource) -> Iterator[_Target]:
        parts = PARTS.get(str(resource["resourceType"]), ())
        for name, value in resource.items():
            for _, reference in references(value, name):
                target = self._target(reference)
                if target and (name in parts or target.type not in self._personal) and target.type not in _PERSON:
                    yield target


def _added(found: dict[tuple[str, str], Resource], target: _Target, resource: Resource) -> bool:
    """False for one that came in by another reference meanwhile."""
    is_new = (target.type, target.id) not in found
    found.setdefault((target.type, target.id), resource)
    return is_new


def _of_contained(composition: Resource) -> Iterator[tuple[str, ParsedReference]]:
    listed = composition.get("contained")
    for number, one in enumerate(listed if isinstance(listed, list) else ()):
        yield from references(one, f"Composition.contained[{number}]")


def references(node: Any, place: str) -> Iterator[tuple[str, ParsedReference]]:
    """Every Reference with a `reference` below a value, in order, with its place."""
    if isinstance(node, list):
        for number, one in enumerate(node):
            yield from references(one, f"{place}[{number}]")
    elif isinstance(node, dict):
        if isinstance(node.get("reference"), str):
            yield place, parse_reference(node["reference"])
        for name, value in node.items():
            if isinstance(value, dict | list):
                yield from references(value, f"{place}.{name}")


def _missing(place: str, reference: ParsedReference) -> Issue:
    sentence = f"'{reference.text[:200]}' is not on this server, so no document can be made; store it, or mend the reference."
    return Issue("error", "not-found", sentence, place, message_id="document-reference")
