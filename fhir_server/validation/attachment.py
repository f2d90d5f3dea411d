"""An Attachment's size and hash against its data (https://hl7.org/fhir/R4/datatypes.html#Attachment)."""

from __future__ import annotations

import binascii
import hashlib
from collections.abc import Iterator

from fhir_server.model.issue import Issue
from fhir_server.model.phrase import phrase
from fhir_server.validation.surroundings import Visit, error, warning

SOURCE = "https://hl7.org/fhir/R4/datatypes.html#Attachment"


def content_of(attachment: dict[str, object]) -> bytes | None:
    """The bytes in `data`; None without them, or where they cannot be read (which the structure check tells)."""
    data = attachment.get("data")
    if not isinstance(data, str):
        return None
    try:
        return binascii.a2b_base64(data)
    except (binascii.Error, ValueError):
        return None


def check_attachment(visit: Visit) -> Iterator[Issue]:
    """The issues of one Attachment."""
    attachment = visit.value
    content = content_of(attachment) if isinstance(attachment, dict) else None
    if content is None:
        return
    size, digest = attachment.get("size"), attachment.get("hash")
    if isinstance(size, int) and size != len(content):
        sentence = phrase("Attachment.size says {size} bytes, but the data has {content}.", size=size, content=len(content))
        yield error("structure", visit.at, sentence, "attachment-size", SOURCE)
    if isinstance(digest, str) and digest not in _digests(content):
        yield warning("structure", visit.at, phrase("Attachment.hash is not the SHA-1 of the data in base64."), "attachment-hash", SOURCE)


def _digests(content: bytes) -> tuple[str, str]:
    """The hash in base64; some writers put its hexadecimal form into base64, which R4's text does not exclude."""
    sha1 = hashlib.sha1(content, usedforsecurity=False)
    return _base64(sha1.digest()), _base64(sha1.hexdigest().encode())


def _base64(content: bytes) -> str:
    return binascii.b2a_base64(content, newline=False).decode()
