"""Documents into the store. Transactions and batches are performed as they are; any other resource is stored under its own id."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from fhir_server.interactions import Interactions
from fhir_server.model.issue import FhirError
from fhir_server.model.json_format import Resource, decode_resource
from fhir_server.model.xml_format import decode_xml
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
            self.tally.stored += await self._load(document)
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
            return await self._batch(document.name, [decode_resource(line) for line in document.content.splitlines() if line.strip()])
        resource = decode_xml(document.content, self._interactions.schema) if document.is_xml else decode_resource(document.content)
        if resource["resourceType"] != "Bundle":
            return await self._batch(document.name, [resource])
        if resource.get("type") == "transaction":
            answer = await self._interactions.transaction(resource)
            return len(answer["entry"])
        if resource.get("type") == "batch":
            return self._count(document.name, await self._interactions.batch(resource))
        return await self._batch(document.name, [entry["resource"] for entry in resource.get("entry") or () if "resource" in entry])

    async def _batch(self, name: str, resources: list[Resource]) -> int:
        entries = [{"resource": resource, "request": _request(resource)} for resource in resources]
        return self._count(name, await self._interactions.batch({"resourceType": "Bundle", "type": "batch", "entry": entries}))

    def _count(self, name: str, answer: Resource) -> int:
        """The entries that succeeded; refusals go to the tally."""
        failed: list[dict[str, Any]] = [entry["response"] for entry in answer["entry"] if "outcome" in entry["response"]]
        for response in failed:
            self.tally.refusals.append(f"{name}: {response['outcome']['issue'][0]['diagnostics']}")
        return len(answer["entry"]) - len(failed)


def _request(resource: Resource) -> dict[str, str]:
    type_name, id_ = str(resource.get("resourceType")), resource.get("id")
    return {"method": "PUT", "url": f"{type_name}/{id_}"} if id_ else {"method": "POST", "url": type_name}
