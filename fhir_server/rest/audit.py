"""The audit trail over HTTP: AuditEvents for the data protection officer, and a person's access history.

Where the trail is on, the type AuditEvent is the trail's (`routes.TRAIL`): it is read out of it, and nobody writes it. Where it is off,
it is a type as any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from fhir_server.audit.access import may_read, may_see_history, require_officer, within_tenant
from fhir_server.audit.access_history import accesses, position_of, position_text
from fhir_server.audit.event import audit_event, stored_event
from fhir_server.audit.search import trail_search
from fhir_server.model.issue import Category, fault
from fhir_server.model.json_format import Resource, encode_json
from fhir_server.rest.body import read_body
from fhir_server.rest.bundle import bundle_bytes, found_entries, url
from fhir_server.rest.paging import page_size
from fhir_server.rest.representation import assembled, represented
from fhir_server.rest.request import FhirRequest, Pairs, decoded_pairs
from fhir_server.rest.response import Response
from fhir_server.rest.search import PAGE
from fhir_server.rest.versioning import version_headers
from fhir_server.rest.view import VIEW_PARAMETERS
from fhir_server.store.audit import AuditPage, AuditRecord, AuditSearch, Position
from fhir_server.store.stored import Stored, instant

ACCESS_HISTORY = "OperationDefinition/passerelle-access-history"


async def read_audit_event(request: FhirRequest) -> Response:
    """GET AuditEvent/[id], out of the trail."""
    require_officer(request.caller)
    record = await _record(request)
    if record is None or not may_read(record.entry, request.caller):
        raise fault(Category.NOT_FOUND, "not-found", f"The audit trail has no entry {request.id[:64]}.")
    stored = _stored(request, record)
    return await represented(request, 200, stored.content or b"", version_headers(stored))


async def search_audit_events(request: FhirRequest) -> Response:
    """GET AuditEvent?..., out of the trail."""
    return await _found(request, request.query)


async def post_search_audit_events(request: FhirRequest) -> Response:
    """POST AuditEvent/_search, out of the trail."""
    return await _found(request, [*request.query, *decoded_pairs(await read_body(request))])


async def access_history(request: FhirRequest) -> Response:
    """Patient/[id]/$access-history: a Bundle of AuditEvents, the newest first, each with a sentence as its narrative."""
    if not may_see_history(request.caller, request.require_id()):
        raise fault(Category.NOT_FOUND, "not-found", f"Patient/{request.id} is not known here.")
    wanted = within_tenant(AuditSearch(patient=request.id), request.caller)
    page = await request.service.interactions.store.audit.page(wanted, page_size(request), _after(request.query))
    events = [_stored(request, record, _told(record, request.language)) for record in page.records]
    address = f"{request.base}/Patient/{request.id}/$access-history"
    return await _bundle(request, events, page, address, [pair for pair in request.query if pair[0] == "_count"])


async def _found(request: FhirRequest, pairs: Pairs) -> Response:
    require_officer(request.caller)
    asked = [pair for pair in pairs if pair[0] not in VIEW_PARAMETERS and pair[0] != PAGE]
    wanted = within_tenant(trail_search(asked, ZoneInfo(request.service.interactions.zone)), request.caller)
    page = await request.service.interactions.store.audit.page(wanted, page_size(request), _after(pairs))
    events = [_stored(request, record) for record in page.records]
    return await _bundle(request, events, page, f"{request.base}/AuditEvent", asked)


async def _record(request: FhirRequest) -> AuditRecord | None:
    chain, _, number = request.id.partition("-")
    place = position_of(f"0-{chain}-0")
    if place is None or not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    return await request.service.interactions.store.audit.read(place[1], int(number))


def _stored(request: FhirRequest, record: AuditRecord, also: Resource | None = None) -> Stored:
    return stored_event(record, encode_json(audit_event(record, request.base) | (also or {})))


def _told(record: AuditRecord, language: str) -> Resource:
    """A narrative for the person (https://hl7.org/fhir/R4/narrative.html)."""
    (one,) = accesses([record], language)
    said = " · ".join(part for part in (instant(one.when), one.who, one.did, ", ".join(one.what), one.why) if part)
    safe = said.replace("&", "&amp;").replace("<", "&lt;")
    return {"text": {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml" lang="{language}"><p>{safe}</p></div>'}}


def _after(pairs: Pairs) -> Position | None:
    text = next((value for name, value in reversed(pairs) if name == PAGE), None)
    if text is None:
        return None
    if (place := position_of(text)) is None:
        raise fault(Category.MALFORMED, "value", f"{PAGE}={text[:40]} does not come from a next link of this server.")
    return place


async def _bundle(request: FhirRequest, events: list[Stored], page: AuditPage, address: str, asked: Pairs) -> Response:
    links = {"self": url(address, asked)}
    if page.next is not None:
        links["next"] = url(address, [*asked, (PAGE, position_text(page.next))])
    return await assembled(request, bundle_bytes("searchset", None, links, _entries(request, events)))


def _entries(request: FhirRequest, events: list[Stored]) -> Iterator[bytes]:
    return found_entries(request, events, b"match")
