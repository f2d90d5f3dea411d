"""What a document message does beside its map: the file becomes a Binary, what is withdrawn or replaced stays so.

A DocumentReference keeps where the file is, its size and its hash (https://hl7.org/fhir/R4/documentreference.html); the Binary's
securityContext is the DocumentReference, so that who may not see one may not read the other.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import uuid
from collections.abc import Iterator
from typing import Any

from adapters.endpoint import FhirEndpoint
from adapters.hl7v2.fault import ErrorCode, MessageFault, Place
from adapters.mapping.run import NAMESPACE, Resource, Run
from adapters.mapping.transaction import Matched, token
from fhir_server.model.phrase import phrase

DOCUMENT = "DocumentReference"
WITHDRAWN = "entered-in-error"
GONE = (WITHDRAWN, "superseded")
CONTENT = Place("OBX", 1, 5)
NUMBER = Place("TXA", 1, 12)

STAYS = "TXA-12: this document was withdrawn or replaced before; its status stays as it is"
NEW_VERSION = "TXA-12: the document with this number came before with other content; this is a new version of it"

PADDING = "OBX-5: the padding (=) at the end of the base64 text is missing; the document was read without it"


async def keep_document(matched: list[Matched], run: Run, endpoint: FhirEndpoint) -> list[dict[str, Any]]:
    """The entries for the transaction that hold the files; FhirError where there is no document, or no file that can be read."""
    files: list[dict[str, Any]] = []
    for one in (one for one in matched if one.template.type == DOCUMENT and not one.is_left_out):
        _keep_status(one, run)
        if one.template.name == "document":
            _withdrawn_is_known(one)
            files += _files(one, run)
            await _look_for_replacement(one, endpoint)
    return files


def _keep_status(one: Matched, run: Run) -> None:
    """Withdrawn is for ever, superseded until it is withdrawn."""
    status = one.existing.get("status") if one.existing else None
    said = one.entry.resource.get("status")
    if status in GONE and said != status and said != WITHDRAWN:
        one.entry.resource["status"] = status
        run.note(STAYS)


def _withdrawn_is_known(one: Matched) -> None:
    if one.existing is None and one.entry.resource["status"] in GONE:
        sentence = phrase("No document with this number was received, so it cannot be withdrawn. Nothing was stored: check the number.")
        raise MessageFault(ErrorCode.UNKNOWN_KEY, sentence, NUMBER)


def _files(one: Matched, run: Run) -> Iterator[dict[str, Any]]:
    document = one.entry.resource
    if "content" not in document:
        if one.existing is None:
            sentence = phrase(
                "The message has no document: an OBX with OBX-2 = ED, a LOINC code in OBX-3 and the document in OBX-5 is required."
            )
            raise MessageFault(ErrorCode.REQUIRED_FIELD_MISSING, sentence, CONTENT)
        return
    for content in document["content"]:
        content["attachment"] = attachment = {**content["attachment"]}
        file = _decoded(attachment.pop("data"), run)
        attachment |= {"size": len(file), "hash": base64.b64encode(hashlib.sha1(file, usedforsecurity=False).digest()).decode()}
        attachment.setdefault("contentType", "application/octet-stream")
        if known := _kept(one.existing, attachment):
            attachment["url"] = known
            continue
        if one.existing is not None:
            run.note(NEW_VERSION)
        yield _binary(one, attachment, file)


def _decoded(text: str, run: Run) -> bytes:
    """Some senders, official samples among them, leave out the padding: nothing is lost by that."""
    packed = "".join(text.split())
    if missing := -len(packed) % 4:
        run.note(PADDING)
    try:
        return base64.b64decode(packed + "=" * missing, validate=True)
    except binascii.Error:
        sentence = phrase("OBX-5.5 is not base64; send the document encoded in base64, with OBX-5.4 = Base64.")
        raise MessageFault(ErrorCode.DATA_TYPE, sentence, Place("OBX", 1, 5, None, 5)) from None


def _kept(existing: Resource | None, attachment: dict[str, Any]) -> str | None:
    """Where the same file is kept already."""
    held = (one["attachment"] for one in (existing or {}).get("content", []))
    return next((one["url"] for one in held if one.get("url") and one.get("hash") == attachment["hash"]), None)


def _binary(one: Matched, attachment: dict[str, Any], file: bytes) -> dict[str, Any]:
    full_url = attachment["url"] = uuid.uuid5(NAMESPACE, f"{one.entry.full_url} {attachment['hash']}").urn
    binary = {
        "resourceType": "Binary",
        "contentType": attachment["contentType"],
        "securityContext": {"reference": one.reference or one.entry.full_url},
        "data": base64.b64encode(file).decode(),
    }
    return {"fullUrl": full_url, "resource": binary, "request": {"method": "POST", "url": "Binary"}}


async def _look_for_replacement(one: Matched, endpoint: FhirEndpoint) -> None:
    """A document that comes after the one that replaces it is superseded already."""
    resource = one.entry.resource
    if one.existing is not None or resource["status"] != "current":
        return
    named = await endpoint.search(DOCUMENT, [("relatesto:identifier", token(resource["identifier"][0]))])
    if any(relation["code"] == "replaces" for found in named for relation in found.get("relatesTo", [])):
        resource["status"] = "superseded"
