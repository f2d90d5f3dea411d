"""searchset and history Bundles put together from bytes as they are stored (https://hl7.org/fhir/R4/bundle.html).

Entries are joined, never parsed and written again: a page of 100 resources costs what copying it costs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import quote, urlencode
from uuid import uuid4

from fhir_server.model.json_format import encode_json
from fhir_server.rest.representation import cut
from fhir_server.rest.request import FhirRequest, Pairs
from fhir_server.store.stored import Stored


def bundle_bytes(kind: str, total: int | None, links: dict[str, str], entries: Iterable[bytes]) -> bytes:
    """The JSON of a Bundle; `links` are URLs by relation, `entries` the JSON of each entry."""
    head: dict[str, object] = {"resourceType": "Bundle", "id": str(uuid4()), "type": kind}
    if total is not None:
        head["total"] = total
    head["link"] = [{"relation": relation, "url": url} for relation, url in links.items()]
    joined = b",".join(entries)
    return encode_json(head)[:-1] + (b',"entry":[%b]}' % joined if joined else b"}")


def search_entry(base: bytes, stored: Stored, content: bytes, mode: bytes) -> bytes:
    """An entry of a searchset; `mode` is match or include."""
    return b'{"fullUrl":"%b/%b/%b","resource":%b,"search":{"mode":"%b"}}' % (base, stored.type.encode(), stored.id.encode(), content, mode)


def found_entries(request: FhirRequest, found: Iterable[Stored], mode: bytes) -> Iterator[bytes]:
    """The entries of found resources, each cut to the view."""
    base, view, schema = json_text(request.base), request.view, request.service.schema
    for stored in found:
        if stored.content is not None:
            yield search_entry(base, stored, cut(stored.content, view, schema), mode)


def outcome_entry(outcome: bytes) -> bytes:
    """What the server has to say about the search itself."""
    return b'{"resource":%b,"search":{"mode":"outcome"}}' % outcome


def history_entry(base: bytes, stored: Stored, content: bytes | None) -> bytes:
    """An entry of a history: what was asked then and what was answered."""
    parts = [b'{"fullUrl":"%b/%b/%b"' % (base, stored.type.encode(), stored.id.encode())]
    if content is not None:
        parts.append(b'"resource":%b' % content)
    parts.append(b'"request":{"method":"%b","url":"%b"}' % (stored.method.encode(), _request_url(stored).encode()))
    answered = (_status(stored), stored.version, stored.last_updated.encode())
    parts.append(b'"response":{"status":"%b","etag":"W/\\"%d\\"","lastModified":"%b"}}' % answered)
    return b",".join(parts)


def _request_url(stored: Stored) -> str:
    return stored.type if stored.method == "POST" else f"{stored.type}/{stored.id}"


def _status(stored: Stored) -> bytes:
    if stored.content is None:
        return b"204 No Content" if stored.method == "DELETE" else b"410 Gone"  # erased
    return b"201 Created" if stored.version == 1 or stored.method == "POST" else b"200 OK"


def json_text(text: str) -> bytes:
    """A text as it stands between the quotes of a JSON string."""
    return encode_json(text)[1:-1]


def url(address: str, pairs: Pairs) -> str:
    """An address with parameters."""
    return f"{address}?{urlencode(pairs, quote_via=quote, safe=':,$')}" if pairs else address
