"""batch and transaction: a Bundle posted to the base (https://hl7.org/fhir/R4/http.html#transaction)."""

from __future__ import annotations

from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.model.json_format import Resource, encode_json
from fhir_server.rest.body import receive_resource
from fhir_server.rest.bundled_request import BundledRequests
from fhir_server.rest.representation import represented
from fhir_server.rest.request import FhirRequest
from fhir_server.rest.response import Response


async def batch(request: FhirRequest) -> Response:
    """200 with a response Bundle; a transaction that fails is an error and changed nothing."""
    body = await receive_resource(request)
    async with request.service.room.taken(body.size):
        return await _carried_out(request, await body.decoded())


async def _carried_out(request: FhirRequest, bundle: Resource) -> Response:
    kind = bundle.get("type") if bundle["resourceType"] == "Bundle" else None
    wanted, asks = request.preferences.returns, BundledRequests(request)
    if kind == "transaction":
        answer = await request.interactions.transaction(bundle, returns=wanted, asks=asks, language=request.language)
    elif kind == "batch":
        if request.note is not None:
            request.note.is_a("batch")
        answer = await request.interactions.batch(bundle, returns=wanted, asks=asks, language=request.language)
    else:
        raise _refused(bundle["resourceType"], kind)
    return await represented(request, 200, encode_json(answer), [])


def _refused(name: str, kind: object) -> FhirError:
    if name != "Bundle":
        sentence = f"The base takes a Bundle of type batch or transaction, not a {name[:64]}; send that to its type."
        return fault(Category.MALFORMED, "invalid", sentence)
    sentence = f"A Bundle of type {str(kind)[:40]!r} cannot be carried out; batch and transaction can. To keep it, send it to /Bundle."
    return fault(Category.MALFORMED, "value", sentence, "Bundle.type")
