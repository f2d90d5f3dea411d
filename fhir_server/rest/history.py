"""history of an instance, a type, the system (https://hl7.org/fhir/R4/http.html#history)."""

from __future__ import annotations

from collections.abc import Iterator

from fhir_server.interactions.outcome import HistoryResult
from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.rest.bundle import bundle_bytes, history_entry, json_text, url
from fhir_server.rest.paging import at, page_size, since
from fhir_server.rest.representation import assembled, cut
from fhir_server.rest.request import FhirRequest, Pairs
from fhir_server.rest.response import Response
from fhir_server.rest.view import VIEW_PARAMETERS

PAGE = "_page"
"""The parameter of a next link that says where the page begins."""

SORTS = {"-_lastUpdated": False, "_lastUpdated": True}
"""What `_sort` may be, and whether the oldest version then comes first."""

KNOWN = ("_count", "_since", "_at", "_sort", PAGE)


async def history(request: FhirRequest) -> Response:
    """Newest first, unless `_sort` asks otherwise; a deletion is an entry without resource."""
    unknown = [name for name, _ in request.own_query if name not in KNOWN]
    if unknown and request.preferences.handling != "lenient":
        raise _unknown(unknown)
    page = await request.interactions.history(
        request.type or None, request.id or None, count=page_size(request), page=request.parameter(PAGE), since=since(request),
        at=at(request), oldest_first=_oldest_first(request),
    )  # fmt: skip
    return await assembled(request, _bundle(request, page))


def _unknown(names: list[str]) -> FhirError:
    """Refused, because a history Bundle has no place for a warning (every entry is a version)."""
    sentence = f"A history knows _count, _since, _at and _sort, not {', '.join(names)}. Leave that out, or send Prefer: handling=lenient."
    return fault(Category.MALFORMED, "not-supported", sentence)


def _oldest_first(request: FhirRequest) -> bool:
    asked = request.parameter("_sort")
    if asked is not None and asked not in SORTS:
        raise fault(Category.MALFORMED, "value", f"_sort={asked[:40]} is not possible; a history is sorted by {' or '.join(SORTS)}.")
    return asked is not None and SORTS[asked]


def _bundle(request: FhirRequest, page: HistoryResult) -> bytes:
    address = "/".join(part for part in (request.base, request.type, request.id, "_history") if part)
    asked: Pairs = [pair for pair in request.query if pair[0] in KNOWN or pair[0] in VIEW_PARAMETERS]
    links = {"self": url(address, asked)}
    if page.next is not None:
        links["next"] = url(address, [*(pair for pair in asked if pair[0] != PAGE), (PAGE, page.next)])
    return bundle_bytes("history", page.total, links, _entries(request, page))


def _entries(request: FhirRequest, page: HistoryResult) -> Iterator[bytes]:
    base, view, schema = json_text(request.base), request.view, request.service.schema
    for stored in page.versions:
        yield history_entry(base, stored, None if stored.content is None else cut(stored.content, view, schema))
