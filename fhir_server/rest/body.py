"""Reading a request body: capped before it is held, unpacked, decoded (https://hl7.org/fhir/R4/http.html#mime-type)."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Callable
from typing import Any, Generic, TypeVar

from anyio.to_thread import run_sync

from fhir_server.model.issue import Category, FhirError, Issue, fault
from fhir_server.model.json_format import decode_resource
from fhir_server.model.phrase import phrase
from fhir_server.model.repeated_name import decode_unrepeated
from fhir_server.model.schema import Schema
from fhir_server.model.xml_faults import decode_faulty_xml
from fhir_server.model.xml_format import decode_xml
from fhir_server.patch import Patch, patch_of_body, patch_of_entry
from fhir_server.patch.patch import ACCEPTED, JSON_PATCH, XML_PATCH
from fhir_server.rest.errors import PatchNotRead
from fhir_server.rest.media_type import body_format
from fhir_server.rest.request import FhirRequest, Sent

Resource = dict[str, Any]
Read = TypeVar("Read")

INLINE_BYTES = {"json": 128 * 1024, "xml": 8 * 1024}
"""Larger bodies are decoded in a thread, so that other requests go on; below, the hop would cost more than the work."""

KEPT_BYTES = 4 * 2**20
"""A larger body is not kept to say where in it something is wrong: looking would cost more than reading did."""


async def read_resource(request: FhirRequest) -> Resource:
    """The body as a resource; MALFORMED, MEDIA_TYPE or TOO_LARGE with the reason."""
    return await _read(request, decode)


async def receive_resource(request: FhirRequest) -> Received[Resource]:
    """As `read_resource`, in two steps: what comes is held as bytes until its turn to be decoded has come."""
    return await _receive(request, decode)


async def read_faulty_resource(request: FhirRequest) -> tuple[Resource, list[Issue]]:
    """As `read_resource`, to be checked only: XML is read past what FHIR has not, with a finding for each such thing."""
    return await _read(request, _decode_faulty)


async def read_patch(request: FhirRequest) -> Patch:
    """The body as a patch: JSON Patch, XML Patch, or Parameters (FHIRPath Patch); MEDIA_TYPE says which there are."""
    media_type = (request.header(b"content-type") or "").partition(";")[0].strip().lower()
    if media_type in (JSON_PATCH, XML_PATCH):
        return await run_sync(_own_patch, media_type, await read_body(request))
    try:
        body_format(request.header(b"content-type") or "")
    except FhirError:
        raise PatchNotRead(media_type, ACCEPTED) from None
    parameters = await _read_parameters(request)
    request.sent = None  # what is wrong then is wrong in the patched resource, not in a line of the patch
    if parameters["resourceType"] != "Parameters":
        sentence = f"A patch in FHIR's own format is a Parameters resource (FHIRPath Patch), not a {parameters['resourceType'][:64]}."
        raise fault(Category.MALFORMED, "structure", sentence)
    return patch_of_entry(parameters)


async def _read_parameters(request: FhirRequest) -> Resource:
    try:
        return await read_resource(request)
    except FhirError:
        if request.sent and request.sent.source.lstrip()[:1] == b"[":
            sentence = f"This is no Parameters resource; if it is a JSON Patch, send it with Content-Type: {JSON_PATCH}."
            raise fault(Category.MALFORMED, "structure", sentence) from None
        raise


def _own_patch(media_type: str, source: bytes) -> Patch:
    patch = patch_of_body(media_type, source)
    assert patch is not None
    return patch


class Received(Generic[Read]):
    """A body that was received, to be decoded once; then its bytes are let go."""

    def __init__(self, source: bytes, format_name: str, decoding: Callable[[bytes, str, Schema], Read], schema: Schema):
        self._source, self._format, self._decoding, self._schema = source, format_name, decoding, schema
        self.size = len(source)

    async def decoded(self) -> Read:
        source, self._source = self._source, b""
        if self.size <= INLINE_BYTES[self._format]:
            return self._decoding(source, self._format, self._schema)
        return await run_sync(self._decoding, source, self._format, self._schema)


async def _read(request: FhirRequest, decoding: Callable[[bytes, str, Schema], Read]) -> Read:
    return await (await _receive(request, decoding)).decoded()


async def _receive(request: FhirRequest, decoding: Callable[[bytes, str, Schema], Read]) -> Received[Read]:
    found = body_format(request.header(b"content-type") or "")
    source = await read_body(request)
    if not source.strip():
        raise fault(Category.MALFORMED, "structure", phrase("The body is empty; send a resource."))
    if len(source) <= KEPT_BYTES:
        request.sent = Sent(source, found.name == "xml")
    return Received(source, found.name, decoding, request.service.schema)


def decode(source: bytes, format_name: str, schema: Schema) -> Resource:
    """JSON or XML bytes as a resource; MALFORMED where something in them would be lost."""
    return decode_unrepeated(source) if format_name == "json" else decode_xml(source, schema)


def _decode_faulty(source: bytes, format_name: str, schema: Schema) -> tuple[Resource, list[Issue]]:
    return (decode_resource(source), []) if format_name == "json" else decode_faulty_xml(source, schema)


async def read_body(request: FhirRequest) -> bytes:
    """The body's bytes, unpacked where they came as gzip; TOO_LARGE as soon as the cap is passed, packed or unpacked."""
    parts = [part async for part in body_parts(request)]
    return parts[0] if len(parts) == 1 else b"".join(parts)


async def body_parts(request: FhirRequest) -> AsyncIterator[bytes]:
    """What `read_body` gives, as it arrives; a packed body in one part."""
    cap = request.service.settings.max_body_bytes
    encoding = (request.header(b"content-encoding") or "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip"):
        raise fault(Category.MEDIA_TYPE, "not-supported", f"Content-Encoding: {encoding} is not read; send gzip or none.")
    _check_announced(request.header(b"content-length"), cap)
    if encoding == "identity":
        async for part in _received(request, cap):
            yield part
    else:
        yield await run_sync(unpack, b"".join([part async for part in _received(request, cap)]), cap)


def _check_announced(length: str | None, cap: int) -> None:
    if length is None:
        return
    if not (length.isascii() and length.isdigit()):
        raise fault(Category.MALFORMED, "value", f"Content-Length: {length[:40]} is not a number.")
    if int(length.lstrip("0")[:18] or "0") > cap:
        raise _too_large(cap)


async def _received(request: FhirRequest, cap: int) -> AsyncIterator[bytes]:
    size = 0
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise fault(Category.MALFORMED, "incomplete", "The connection ended before the body did.")
        if part := message.get("body", b""):
            size += len(part)
            if size > cap:
                raise _too_large(cap)
            yield part
        if not message.get("more_body", False):
            return


def unpack(source: bytes, cap: int) -> bytes:
    """gzip bytes unpacked, never holding more than `cap` and a buffer."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        content = unpacker.decompress(source, cap + 1)
        if len(content) > cap:
            raise _too_large(cap)
    except zlib.error as error:
        raise fault(Category.MALFORMED, "structure", f"The body is not the gzip that Content-Encoding says: {error}.") from None
    if not unpacker.eof or unpacker.unused_data:
        raise fault(Category.MALFORMED, "structure", "The gzip body ends too early, or something follows it.")
    return content


def _too_large(cap: int) -> FhirError:
    return fault(Category.TOO_LARGE, "too-long", phrase("The body is larger than the {cap} bytes that this server takes.", cap=cap))
