"""An extracted resource as an entry of a transaction (https://hl7.org/fhir/R4/bundle.html#transaction): what is to become of it, as the
parts of `templateExtract`, `definitionExtract` and `observationExtractEntry` say
(https://hl7.org/fhir/uv/sdc/STU4/StructureDefinition-sdc-questionnaire-templateExtract.html).
"""

from __future__ import annotations

from typing import Any

from fhir_server.model.json_format import Resource
from fhir_server.questionnaires.extraction import Extraction
from fhir_server.questionnaires.item import Item, extension
from fhir_server.questionnaires.pairing import Pair

CONDITIONS = ("ifNoneMatch", "ifModifiedSince", "ifMatch", "ifNoneExist")
PATCH_URL = "https://smartforms.csiro.au/ig/StructureDefinition/TemplateExtractExtensionPatchRequestUrl"
"""Not SDC's own, but in use: where the Parameters of a FHIRPath Patch are to be sent."""

Entry = dict[str, Any]


def entry_of(resource: Resource, parts: Item, extraction: Extraction, at: Pair, said: Any) -> Entry | None:
    """The entry; `parts` holds the extensions that say how, `said` is what of the answers it comes from (`ExtractIdentity`). None, and a
    warning, for a patch of nobody knows what."""
    if id_ := extraction.text(extension(parts, "resourceId"), at):
        resource["id"] = id_.rpartition("/")[2]
    request = _patch(parts, extraction, at) if extension(parts, PATCH_URL) else _request(resource)
    if request is None:
        return None
    conditions = ((name, extraction.text(extension(parts, name), at)) for name in CONDITIONS)
    full_url = extraction.text(extension(parts, "fullUrl"), at) or extraction.new_url()
    request |= {name: value for name, value in conditions if value}
    entry = {"fullUrl": full_url, "resource": resource, "request": request}
    return extraction.identity.once(entry, at.link_id, said) if extraction.identity else entry


def _request(resource: Resource) -> Item:
    """To be updated where it has an id, else created."""
    type_name, id_ = resource["resourceType"], resource.get("id")
    return {"method": "PUT", "url": f"{type_name}/{id_}"} if id_ else {"method": "POST", "url": type_name}


def _patch(parts: Item, extraction: Extraction, at: Pair) -> Item | None:
    url = extraction.text(extension(parts, PATCH_URL), at)
    if url is None:
        extraction.tell("The patch says nothing of what it is for, so it was left out; its URL's expression gave no value.", at)
        return None
    return {"method": "PATCH", "url": url}


def completed(entry: Entry, extraction: Extraction) -> Entry:
    """An entry that a template made whole, with what it left open."""
    resource = entry.get("resource")
    if not resource:
        return entry
    made = {"fullUrl": extraction.new_url(), "request": _request(resource), **entry}
    return extraction.identity.once(made, "", None) if extraction.identity else made
