"""Binary in its own content type (https://hl7.org/fhir/R4/binary.html#rest): what was uploaded comes back as it was.

It is put into Base64 piece by piece as it arrives, and out of it as it leaves: nothing holds the content twice but the commit itself.
It leaves as an attachment that no browser may sniff or run, whatever it is: a stored HTML page must not act in the name of this server.
"""

from __future__ import annotations

import binascii
import io
import mimetypes
import re
from collections.abc import AsyncIterator
from typing import Any

import msgspec

from fhir_server.interactions.outcome import Outcome
from fhir_server.model.issue import Category, fault
from fhir_server.model.json_format import Resource
from fhir_server.rest import write
from fhir_server.rest.body import body_parts
from fhir_server.rest.byte_range import ByteRange, asked_range
from fhir_server.rest.media_type import FORMATS, weighted
from fhir_server.rest.read import read, vread
from fhir_server.rest.request import FhirRequest
from fhir_server.rest.response import Header, Response
from fhir_server.rest.versioning import is_unmodified, version_headers
from fhir_server.store.stored import Stored

PIECE = 192 * 1024
"""Bytes that leave at a time; three make four characters of Base64."""

STAND_IN = "AA=="
"""Is checked, validated and indexed in place of uploaded data, which can be nothing but Base64 and is never searched."""

OF_FHIR = frozenset(name for name in FORMATS if "fhir" in name)
_WORD = r"[A-Za-z0-9!#$&^_.+-]+"
_MEDIA_TYPE = re.compile(rf"{_WORD}/{_WORD}( ?; ?{_WORD}=(\"[A-Za-z0-9 ,:./_+-]*\"|[A-Za-z0-9:./_+-]+))*")
_IN_HEADERS = re.compile(r"[!-~]{1,1000}")
"""What a stored reference may be to stand in a header: no line ends, which would begin another header."""

_UNSAFE = re.compile(rb"[^A-Za-z0-9+/=]")
_RANGES: Header = (b"accept-ranges", b"bytes")


class _Held(msgspec.Struct, frozen=True):
    """The members that matter; `data` stays where it is in the JSON."""

    contentType: str = "application/octet-stream"
    securityContext: dict[str, Any] = {}
    data: msgspec.Raw = msgspec.Raw(b'""')


_decoder = msgspec.json.Decoder(_Held)


async def read_binary(request: FhirRequest) -> Response:
    """The content itself, unless the resource is asked for by a media type of FHIR or `_format`."""
    if _resource_is_asked(request):
        return await read(request)
    stored = await request.interactions.read("Binary", request.id)
    return await read(request) if _is_its_json(request, stored) else _content(request, stored)


async def vread_binary(request: FhirRequest) -> Response:
    """The content of one version."""
    if _resource_is_asked(request):
        return await vread(request)
    stored = await request.interactions.vread("Binary", request.id, request.version)
    return await vread(request) if _is_its_json(request, stored) else _content(request, stored)


async def create_binary(request: FhirRequest) -> Response:
    """From a body of any type; one of FHIR's is the resource itself."""
    if _resource_is_sent(request):
        return await write.create(request)
    resource, data = await _uploaded(request)
    condition = request.header(b"if-none-exist")
    return await _written(request, await request.interactions.create("Binary", resource, condition, data=data))


async def update_binary(request: FhirRequest) -> Response:
    """The same under this id."""
    if _resource_is_sent(request):
        return await write.update(request)
    id_ = request.require_id()
    resource, data = await _uploaded(request)
    conditions = (request.header(b"if-match"), request.header(b"if-none-match"))
    resource["id"] = id_
    return await _written(request, await request.interactions.update("Binary", id_, resource, *conditions, data=data))


def _best(accept: str) -> str:
    """The media type that is wanted most, of equals the first."""
    ranked = sorted(weighted(accept), key=lambda found: -found[0])
    return ranked[0][1] if ranked else ""


def _resource_is_asked(request: FhirRequest) -> bool:
    shaped = any(name in ("_format", "_summary", "_elements") for name, _ in request.query)
    return shaped or _best(request.header(b"accept") or "") in OF_FHIR


def _is_its_json(request: FhirRequest, stored: Stored) -> bool:
    """True where plain JSON or XML is asked for and the content is none itself: then the resource is meant."""
    best = _best(request.header(b"accept") or "")
    return best in FORMATS and best not in _held(stored).contentType


def _resource_is_sent(request: FhirRequest) -> bool:
    return _plain(request.header(b"content-type") or "") in FORMATS


def _plain(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _held(stored: Stored) -> _Held:
    return _decoder.decode(stored.content or b"{}")


def _content(request: FhirRequest, stored: Stored) -> Response:
    held = _held(stored)
    headers = [*version_headers(stored), _RANGES]
    if is_unmodified(request.headers, stored):
        return Response(304, headers)
    kind = held.contentType if _MEDIA_TYPE.fullmatch(held.contentType) else "application/octet-stream"
    headers += [(b"content-type", kind.encode()), (b"content-disposition", _disposition(stored.id, kind))]
    if _IN_HEADERS.fullmatch(context := str(held.securityContext.get("reference", ""))):
        headers.append((b"x-security-context", context.encode()))
    return _part(request, memoryview(held.data)[1:-1], headers)


def _disposition(id_: str, kind: str) -> bytes:
    extension = mimetypes.guess_extension(_plain(kind)) or ""
    return f'attachment; filename="{id_}{extension}"'.encode()


def _part(request: FhirRequest, text: memoryview, headers: list[Header]) -> Response:
    """All of the content, or the range that is asked for; `text` is its Base64."""
    if _UNSAFE.search(text):  # spaces, which R4 allows
        text = memoryview(_UNSAFE.sub(b"", bytes(text).replace(b"\\n", b"").replace(b"\\r", b"").replace(b"\\t", b"")))
    length = len(text) // 4 * 3 - bytes(text[-2:]).count(b"=")
    found = asked_range(request.headers, length)
    headers.append((b"content-length", b"%d" % found.length))
    if found.is_whole:
        return Response(200, headers, stream=_pieces(text, found))
    headers.append((b"content-range", b"bytes %d-%d/%d" % (found.first, found.end - 1, length)))
    return Response(206, headers, stream=_pieces(text, found))


async def _pieces(text: memoryview, part: ByteRange) -> AsyncIterator[bytes]:
    """The bytes of a range, each piece decoded when the one before is taken."""
    for start in range(part.first // 3 * 3, part.end, PIECE):
        piece = binascii.a2b_base64(text[start // 3 * 4 : (start + PIECE) // 3 * 4])
        yield piece[max(0, part.first - start) : part.end - start]


async def _uploaded(request: FhirRequest) -> tuple[Resource, bytes]:
    """The resource that a body of another type makes, with STAND_IN for its data, and the data; its securityContext comes by
    X-Security-Context."""
    kind = request.header(b"content-type")
    if not kind or not _MEDIA_TYPE.fullmatch(kind):
        raise fault(Category.MEDIA_TYPE, "required", "Say in Content-Type what the body is, for example application/pdf.")
    resource: Resource = {"resourceType": "Binary", "contentType": kind}
    if context := request.header(b"x-security-context"):
        resource["securityContext"] = {"reference": context}
    if data := await _encoded(request):
        resource["data"] = STAND_IN
    return resource, data


async def _encoded(request: FhirRequest) -> bytes:
    """The body as Base64; three bytes make four characters, so what is over waits for the next part."""
    text, over = io.BytesIO(), b""
    async for part in body_parts(request):
        known = over + part
        end = len(known) // 3 * 3
        for start in range(0, end, PIECE):
            text.write(binascii.b2a_base64(known[start : min(start + PIECE, end)], newline=False))
        over = known[end:]
    text.write(binascii.b2a_base64(over, newline=False))
    return text.getvalue()


async def _written(request: FhirRequest, outcome: Outcome) -> Response:
    """Nothing comes back of what was just sent, unless it is asked for, or a resource is: some clients read the new id out of the body."""
    return await write.written(request, outcome, default=None if _resource_is_asked(request) else "minimal")
