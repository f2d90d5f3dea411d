"""NDJSON fetched for an import: only from addresses that the operator has named, without redirects, in pieces."""

from __future__ import annotations

import ssl
import zlib
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from urllib.parse import urlsplit

import httpx

from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.rest.settings import RestSettings
from fhir_server.store.job_file import UNPACKED_BYTES

_TIMEOUT = httpx.Timeout(60.0)
_ACCEPT = {"accept": "application/fhir+ndjson", "accept-encoding": "gzip, identity"}


def check_source(url: str, settings: RestSettings) -> None:
    """FORBIDDEN where the settings do not allow the URL."""
    if not any(_begins(url, allowed) for allowed in settings.import_sources):
        named = ", ".join(settings.import_sources) or "none at all"
        sentence = f"An import may not fetch {url[:200]}: the setting import_sources allows {named}. Send the lines, or have it added."
        raise fault(Category.FORBIDDEN, "security", sentence)


def _begins(url: str, allowed: str) -> bool:
    """The same scheme, host and port, and a path below the allowed one; nothing that a parser could read otherwise."""
    found, wanted = urlsplit(url), urlsplit(allowed)
    if found.scheme not in ("http", "https") or "@" in found.netloc or "\\" in url or "/.." in found.path or "%2e" in found.path.lower():
        return False
    return (found.scheme, found.netloc.lower()) == (wanted.scheme, wanted.netloc.lower()) and _below(found.path, wanted.path)


def _below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


async def fetched(url: str, settings: RestSettings) -> AsyncIterator[bytes]:
    """The body of a URL in pieces, unpacked, `max_import_bytes` at most."""
    check_source(url, settings)
    try:
        async with httpx.AsyncClient(timeout=_TIMEOUT, follow_redirects=False, trust_env=False) as client, _asked(client, url) as answer:
            if answer.status_code != 200:
                raise _unread(url, f"the answer was {answer.status_code}")
            async for piece in bounded(answer.aiter_raw(), answer.headers.get("content-encoding", ""), settings.max_import_bytes):
                yield piece
    except (httpx.HTTPError, ssl.SSLError) as error:
        raise _unread(url, type(error).__name__) from None


def _asked(client: httpx.AsyncClient, url: str) -> AbstractAsyncContextManager[httpx.Response]:
    return client.stream("GET", url, headers=_ACCEPT)


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
