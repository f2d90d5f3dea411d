"""Composition/$document over HTTP. The document itself is answered, as R4's example has it; `persist=true` stores it and needs a POST."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

from fhir_server.model.issue import Category, fault
from fhir_server.model.json_format import encode_json
from fhir_server.model.references import parse_reference
from fhir_server.operations.arguments import Arguments
from fhir_server.operations.document import DocumentMaker
from fhir_server.rest.operation import answered, arguments_of
from fhir_server.rest.representation import represented
from fhir_server.rest.request import FhirRequest, is_id
from fhir_server.rest.response import Response

DOCUMENT = "http://hl7.org/fhir/OperationDefinition/Composition-document"
UNSUPPORTED = ("graph",)


async def document(request: FhirRequest) -> Response:
    """200 with the document Bundle; where it was stored, with its Location."""
    arguments = await arguments_of(request, DOCUMENT, UNSUPPORTED)
    persist = bool(arguments.boolean("persist"))
    if persist and request.method != "POST":
        raise fault(Category.MALFORMED, "not-supported", "persist=true changes what is stored; ask by POST.")
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    bundle = await DocumentMaker(request.interactions, request.base).document(_id(request, arguments), uuid4(), now)
    if not persist:
        return await answered(request, bundle)
    outcome = await request.interactions.create("Bundle", bundle)
    assert outcome.stored is not None
    location = f"{request.base}/Bundle/{outcome.stored.id}/_history/{outcome.stored.version}"
    return await represented(request, 200, outcome.stored.content or encode_json(bundle), [(b"location", location.encode())])


def _id(request: FhirRequest, arguments: Arguments) -> str:
    said = arguments.text("id")
    if request.id and said is not None:
        raise fault(Category.MALFORMED, "invalid", "The address names the Composition; leave the parameter 'id' out.")
    if request.id:
        return request.require_id()
    return _own(request, arguments.required("id") if said is None else said)


def _own(request: FhirRequest, said: str) -> str:
    """The id out of a simple id or a URL of this server."""
    found = parse_reference(said)
    if found.type == "Composition" and found.id and found.base in (None, request.base):
        return found.id
    if not is_id(said):
        raise fault(Category.MALFORMED, "value", f"id={said[:100]} is neither an id nor the URL of a Composition of this server.")
    return said
