"""ETag, Last-Modified and the conditions that rest on them (https://hl7.org/fhir/R4/http.html#versioning, #cread, #concurrency)."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache

from fhir_server.interactions.version_tag import names_version
from fhir_server.store.stored import Stored


def etag(version: int) -> bytes:
    return b'W/"%d"' % version


@lru_cache(maxsize=4096)
def http_date(second: int) -> bytes:
    """An HTTP date (`Sun, 06 Nov 1994 08:49:37 GMT`) of a second since 1970-01-01 UTC."""
    return formatdate(second, usegmt=True).encode()


def version_headers(stored: Stored) -> list[tuple[bytes, bytes]]:
    return [(b"etag", etag(stored.version)), (b"last-modified", http_date(stored.updated // 1_000_000))]


def is_unmodified(headers: Mapping[bytes, bytes], stored: Stored) -> bool:
    """True where the client holds this version already, so that 304 is the answer."""
    if (tags := headers.get(b"if-none-match")) is not None:
        return names_version(tags.decode("latin-1"), stored)
    if (since := headers.get(b"if-modified-since")) is not None:
        return _is_before(stored.updated // 1_000_000, since)
    return False


def _is_before(second: int, date: bytes) -> bool:
    try:
        return second <= parsedate_to_datetime(date.decode("latin-1")).timestamp()
    except ValueError:  # an unreadable date makes the request unconditional
        return False
