"""$import over HTTP: lines of NDJSON, or Parameters that say where to fetch them; always asynchronous."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec

from fhir_server.model.issue import Category, fault
from fhir_server.operations.arguments import Arguments
from fhir_server.rest.deferred import begin, kept
from fhir_server.rest.import_source import bounded, check_source
from fhir_server.rest.job_works import ImportSource, KeptImport
from fhir_server.rest.operation import sent_arguments
from fhir_server.rest.request import FhirRequest
from fhir_server.rest.response import Response
from fhir_server.rest.validate import NDJSON

SOURCES = 1000


async def import_(request: FhirRequest) -> Response:
    """202 with Content-Location. The body is NDJSON, kept as it comes, or Parameters with one `input` for each source."""
    if (request.header(b"content-type") or "").partition(";")[0].strip().lower() in NDJSON:
        return await _sent(request)
    arguments = await sent_arguments(request)
    if (asked := arguments.text("inputFormat")) and asked not in NDJSON:
        raise fault(Category.MALFORMED, "not-supported", f"inputFormat={asked[:60]} is not read here; use {NDJSON[0]}.")
    sources = tuple(_source(one) for one in arguments.parts("input"))
    if not 0 < len(sources) <= SOURCES:
        sentence = f"$import takes NDJSON ({NDJSON[0]}), or Parameters with 1 to {SOURCES} `input`, each with the parts type and url."
        raise fault(Category.MALFORMED, "required", sentence)
    for source in sources:
        check_source(source.url, request.service.settings)
    return await begin(request, "import", msgspec.json.encode(KeptImport(kept(request).url, sources, request.caller)))


def _source(part: Arguments) -> ImportSource:
    return ImportSource(part.required("url"), part.text("type"))


async def _sent(request: FhirRequest) -> Response:
    encoding = (request.header(b"content-encoding") or "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip"):
        raise fault(Category.MEDIA_TYPE, "not-supported", f"Content-Encoding: {encoding[:40]} is not read; send gzip or none.")
    asked = KeptImport(kept(request).url, (ImportSource(),), request.caller)
    pieces = bounded(_body(request), encoding, request.service.settings.max_import_bytes)
    return await begin(request, "import", msgspec.json.encode(asked), pieces)


async def _body(request: FhirRequest) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise fault(Category.MALFORMED, "incomplete", "The connection ended before the body did.")
        more = message.get("more_body", False)
        if piece := message.get("body", b""):
            yield piece
