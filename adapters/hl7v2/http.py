"""HL7 v2 over HTTP: `POST /hl7v2` (https://hapifhir.github.io/hapi-hl7v2/hapi-hl7overhttp/specification.html).

One message a request, its acknowledgement in the answer. Whatever the acknowledgement says the status is 200; another status means that
there is no acknowledgement. Which characters the bytes are is said by MSH-18, as on every other way in.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from adapters.exchange.oversized import HEAD, SENTENCE, Oversized
from adapters.hl7v2.acknowledgement import Header
from adapters.hl7v2.connection import Handler, OversizedHandler
from adapters.hl7v2.peer import Peer

PATH = "/hl7v2"
CONTENT_TYPES = ("application/hl7-v2", "x-application/hl7-v2+er7", "application/hl7-v2+er7")
"""Vertical bars; the XML encoding is not read."""
CHARSETS = {"ascii": "US-ASCII", "latin-1": "ISO-8859-1", "iso8859-2": "ISO-8859-2", "iso8859-15": "ISO-8859-15", "utf-8": "UTF-8"}
"""What HTTP calls the codecs of `charset.CODECS`."""

Identify = Callable[[Request], Awaitable[Peer | Response]]
"""Who sends, or the answer that refuses them before anything is read."""


def hl7v2_route(receive: Handler, oversized: OversizedHandler, identify: Identify, limit: int) -> Route:
    """The route; `limit`: the largest message in bytes; `oversized` is told of one that is larger."""

    async def handle(request: Request) -> Response:
        peer = await identify(request)
        if isinstance(peer, Response):
            return peer
        content_type = _media_type(request)
        if content_type not in CONTENT_TYPES or request.headers.get("content-encoding", "identity") != "identity":
            return _unsupported()
        message = await _body(request, limit)
        if isinstance(message, Oversized):
            await oversized(message, peer)
            return PlainTextResponse(f"{SENTENCE} It may have {limit} bytes.", 413, {"connection": "close"})
        answer = await receive(message, peer)
        return _answered(answer.reply, content_type)

    return Route(PATH, handle, methods=["POST"])


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _unsupported() -> Response:
    return PlainTextResponse(f"Send a message as {CONTENT_TYPES[0]}, in vertical bars and not packed.", 415)


async def _body(request: Request, limit: int) -> bytes | Oversized:
    """The message, or how it begins where it is too large, which Content-Length tells before it came."""
    declared = _declared(request)
    enough = min(limit, HEAD) if declared > limit else limit
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > enough:
            return Oversized(bytes(body[: min(limit, HEAD)]), max(declared, len(body)), limit)
    return bytes(body)


def _declared(request: Request) -> int:
    text = request.headers.get("content-length", "0")
    return int(text) if text.isdecimal() and len(text) < 16 else 0


def _answered(reply: bytes | None, content_type: str) -> Response:
    """204 where the sender asked for no acknowledgement (MSH-15, MSH-16)."""
    if not reply:
        return Response(status_code=204)
    return Response(reply, 200, {"content-type": f"{content_type}; charset={CHARSETS[Header.of_bytes(reply).codec]}"})
