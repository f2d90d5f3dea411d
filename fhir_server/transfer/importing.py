"""Documents into the store. Transactions and batches are performed as they are; any other resource is stored under its own id."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from fhir_server.interactions import Interactions
from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.model.json_format import Resource
from fhir_server.model.repeated_name import decode_unrepeated
from fhir_server.model.xml_format import decode_xml
from fhir_server.subscriptions.subscription import SERVED
from fhir_server.subscriptions.subscription import TYPE as SUBSCRIPTION
from fhir_server.transfer.source import Document


@dataclass(slots=True)
class Tally:
    """What became of the entries so far: how many are stored, and a sentence for each refusal."""

    stored: int = 0
    refusals: list[str] = field(default_factory=list)

    def refuse(self, name: str, error: FhirError) -> None:
        self.refusals += [f"{name}: {issue.diagnostics}" for issue in error.issues[:3]]


class Importer:
    """Documents that refer to what is not there yet (conditional references) wait in `deferred` for a second turn."""

    def __init__(self, interactions: Interactions):
        self._interactions = interactions
        self.tally = Tally()
        self.deferred: list[Document] = []

    async def load(self, document: Document) -> None:
        """Import one document; what is refused goes to the tally, not up."""
        try:
            stored = await self._load(document)
            self.tally.stored += stored  # not in one line with the await: others count meanwhile
        except FhirError as error:
            if any(issue.code == "not-found" for issue in error.issues):
                self.deferred.append(document)
            else:
                self.tally.refuse(document.name, error)

    async def load_deferred(self) -> None:
        """Try the deferred again as long as that helps; the rest is refused."""
        while self.deferred:
            waiting, self.deferred = self.deferred, []
            before = self.tally.stored
            for document in waiting:
                await self.load(document)
            if self.tally.stored == before:
                await self._refuse_deferred()

    async def _refuse_deferred(self) -> None:
        for document in self.deferred:
            try:
                await self._load(document)
            except FhirError as error:
                self.tally.refuse(document.name, error)
        self.deferred = []

    async def _load(self, document: Document) -> int:
        if document.is_ndjson:
            return await self._lines(document)
        resource = decode_xml(document.content, self._interactions.schema) if document.is_xml else decode_unrepeated(document.content)
        if resource["resourceType"] != "Bundle":
            return await self._batch([(document.name, resource)])
        if resource.get("type") == "transaction":
            answer = await self._interactions.transaction(_all_unasked(resource))
            return len(answer["entry"])
        if resource.get("type") == "batch":
            answer = await self._interactions.batch(_all_unasked(resource))
            return self._count((f"{document.name}: entry[{at}]" for at in count()), answer)
        return await self._batch([(f"{document.name}: entry[{at}]", held) for at, held in _held(resource)])

    async def _lines(self, document: Document) -> int:
        """NDJSON: each line for itself, so that a wrong one is named and does not keep the others out."""
        read: list[tuple[str, Resource]] = []
        for number, line in enumerate(document.content.split(b"\n"), document.line):
            name = f"{document.name}:{number}"
            try:
                read += [(name, decode_unrepeated(line))] if line.strip() else []
            except FhirError as error:
                self.tally.refuse(name, error)
        return await self._batch(read)

    async def _batch(self, named: list[tuple[str, Resource]]) -> int:
        """Resources, each with the name by which its refusal is told."""
        entries = [{"resource": _unasked(resource), "request": _request(resource)} for _, resource in named]
        answer = await self._interactions.batch({"resourceType": "Bundle", "type": "batch", "entry": entries})
        return self._count([name for name, _ in named], answer)

    def _count(self, names: Iterable[str], answer: Resource) -> int:
        """The entries that succeeded; refusals go to the tally."""
        responses = [entry["response"] for entry in answer["entry"]]
        failed = [(name, response["outcome"]) for name, response in zip(names, responses, strict=False) if "outcome" in response]
        self.tally.refusals += [f"{name}: {_sentence(outcome)}" for name, outcome in failed]
        return len(responses) - len(failed)


def _sentence(outcome: Resource) -> str:
    """Without the entry that it names: that one is ours, not the reader's."""
    return re.sub(r"^Bundle\.entry\[\d+\]: ", "", str(outcome["issue"][0]["diagnostics"]))


def _held(bundle: Resource) -> list[tuple[int, Resource]]:
    """The resources of a bundle's entries and where each stands; FhirError where the entries are none."""
    entries = bundle.get("entry") or []
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise fault(Category.MALFORMED, "structure", "Bundle.entry is an array of objects.", "Bundle.entry")
    held = [(at, entry["resource"]) for at, entry in enumerate(entries) if "resource" in entry]
    for at, resource in held:
        if not isinstance(resource, dict):
            raise fault(Category.MALFORMED, "structure", f"Bundle.entry[{at}].resource is not an object.", f"Bundle.entry[{at}].resource")
    return held


def _all_unasked(bundle: Resource) -> Resource:
    """As `_unasked`, of each entry; what is no entry stays what it is, to be refused."""
    entries = bundle.get("entry")
    if not isinstance(entries, list):
        return bundle
    held = [one | {"resource": _unasked(one["resource"])} if isinstance(one, dict) and "resource" in one else one for one in entries]
    return bundle | {"entry": held}


def _unasked(resource: Any) -> Any:
    """No client asks for a Subscription by a file. One that stands under the same id ends: its owner's notifications would go to where the
    file says."""
    if not isinstance(resource, dict) or resource.get("resourceType") != SUBSCRIPTION or resource.get("status") not in SERVED:
        return resource
    return resource | {"status": "off", "error": "It came by an import: ask by POST, with a token."}


def _request(resource: Resource) -> dict[str, str]:
    type_name, id_ = str(resource.get("resourceType")), resource.get("id")
    return {"method": "PUT", "url": f"{type_name}/{id_}"} if id_ else {"method": "POST", "url": type_name}
