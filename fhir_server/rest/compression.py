"""Answers packed as the client takes them (https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3): Brotli or gzip.

Small ones go as they are: what fits into the first packets of a connection arrives no sooner packed.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import lru_cache

import brotli  # type: ignore[import-untyped]
from anyio.to_thread import run_sync
from starlette.types import Scope

from fhir_server.rest.media_type import weighted
from fhir_server.rest.response import Response

COMPRESSED_FROM = 8 * 1024
INLINE_BYTES = 64 * 1024
"""A larger body is packed in a thread."""


def _brotli(content: bytes) -> bytes:
    packed: bytes = brotli.compress(content, mode=brotli.MODE_TEXT, quality=4)
    return packed


def _gzip(content: bytes) -> bytes:
    return zlib.compress(content, 4, wbits=31)


_PACKERS: dict[str, Callable[[bytes], bytes]] = {"br": _brotli, "gzip": _gzip}
"""Ours first: of two that the client likes alike, the first is taken."""


def packed(content: bytes, coding: str) -> bytes:
    """The content in one of the codings that `accepted_coding` gives."""
    return _PACKERS[coding](content)


async def compress(response: Response, scope: Scope) -> None:
    """Pack the body where the client takes a coding that is ours; the identity is never refused."""
    accepted = next((value for name, value in scope["headers"] if name == b"accept-encoding"), None)
    coding = accepted_coding(accepted.decode("latin-1")) if accepted else None
    if coding is None:
        return
    packer, content = _PACKERS[coding], response.body
    response.body = packer(content) if len(content) <= INLINE_BYTES else await run_sync(packer, content)
    response.headers.append((b"content-encoding", coding.encode()))


@lru_cache(maxsize=128)
def accepted_coding(header: str, offered: tuple[str, ...] = tuple(_PACKERS)) -> str | None:
    """One of those offered, or None where the answer is to go as it is."""
    said = {name: quality for quality, name, _ in weighted(header)}
    qualities = {coding: said.get(coding, said.get("*", 0.0)) for coding in offered}
    best = max(qualities, key=lambda coding: qualities[coding])
    return best if qualities[best] > 0 and qualities[best] >= said.get("identity", 0.0) else None
