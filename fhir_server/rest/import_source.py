"""NDJSON fetched for an import: only from addresses that the operator has named, in pieces."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator

from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.rest.settings import RestSettings
from fhir_server.security.outgoing import Outgoing, pieces
from fhir_server.store.job_file import UNPACKED_BYTES

_ACCEPT = {"accept": "application/fhir+ndjson", "accept-encoding": "gzip, identity"}
_SECONDS = 3600.0
"""So long a source may keep us waiting in all."""


def check_source(url: str, settings: RestSettings) -> None:
    """FORBIDDEN where the settings do not allow the URL."""
    _outgoing(settings).check(url)


def _outgoing(settings: RestSettings) -> Outgoing:
    return Outgoing(settings.import_sources, settings.allowed_networks, "import_sources")


async def fetched(url: str, settings: RestSettings) -> AsyncIterator[bytes]:
    """The body of a URL in pieces, unpacked, `max_import_bytes` at most."""
    try:
        async with _outgoing(settings).opened(url, headers=_ACCEPT) as answer:
            if answer.status_code != 200:
                raise _unread(url, f"the answer was {answer.status_code}")
            came = pieces(answer, settings.max_import_bytes, _SECONDS)
            async for piece in bounded(came, answer.headers.get("content-encoding", ""), settings.max_import_bytes):
                yield piece
    except FhirError as error:
        if error.category is Category.BUSY:  # asking again would give the same: the source is named in the request
            raise _unread(url, str(error)) from None
        raise


def _unread(url: str, reason: str) -> FhirError:
    return fault(Category.INVALID, "not-found", f"{url[:200]} could not be fetched: {reason}.")


async def bounded(pieces: AsyncIterator[bytes], encoding: str, most: int) -> AsyncIterator[bytes]:
    """The pieces, unpacked where they came as gzip; TOO_LARGE as soon as they are more than `most` bytes, whatever they were packed to."""
    total = 0
    plain = pieces if encoding.strip().lower() in ("", "identity") else _unzipped(pieces)
    async for piece in plain:
        total += len(piece)
        if total > most:
            raise fault(Category.TOO_LARGE, "too-long", f"An import takes {most} bytes at most; send the rest in another.")
        yield piece


async def _unzipped(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    unpacker = zlib.decompressobj(wbits=31)
    try:
        async for piece in pieces:
            waiting = piece
            while waiting:
                yield unpacker.decompress(waiting, UNPACKED_BYTES)
                waiting = unpacker.unconsumed_tail
        if not unpacker.eof:
            raise fault(Category.MALFORMED, "structure", "The gzip ends too early.")
    except zlib.error as error:
        raise fault(Category.MALFORMED, "structure", f"The body is not the gzip that Content-Encoding says: {error}.") from None
