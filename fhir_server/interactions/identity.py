"""Logical ids (https://hl7.org/fhir/R4/resource.html#id)."""

from __future__ import annotations

import re
import time
import uuid

from fhir_server.interactions.random_stock import random_bytes
from fhir_server.model.issue import Category, fault
from fhir_server.model.phrase import phrase
from fhir_server.store.wanted_version import ANY_VERSION, WantedVersion

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_RANDOM_BYTES = 10


def new_id() -> str:
    """A UUID that begins with the time (RFC 9562, version 7), so that what is made together lies together in the indexes."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(random_bytes()[:_RANDOM_BYTES], "big")
    value = milliseconds << 80 | 7 << 76 | (random >> 68 & 0xFFF) << 64 | 2 << 62 | random & (1 << 62) - 1
    return str(uuid.UUID(int=value))


def checked_id(id_: str, expression: str | None = None) -> str:
    """The id itself; FhirError where it is not 1 to 64 letters, digits, '-' and '.'."""
    if not _ID.fullmatch(id_):
        sentence = phrase("{id} is not an id: use 1 to 64 of the characters A-Z a-z 0-9 - and '.'.", id=repr(id_[:80]))
        raise fault(Category.MALFORMED, "value", sentence, expression)
    return id_


def version_number(text: str) -> int | None:
    """The version that a versionId or an ETag such as W/"3" names; None where it can be none of ours."""
    digits = text.strip().removeprefix("W/").strip('"')
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 18 else None


def required_version(if_match: str | None) -> WantedVersion | None:
    """The versions of an If-Match header, any of which will do; PRECONDITION where it has none that a resource here can have."""
    if if_match is None:
        return None
    if if_match.strip() == "*":
        return ANY_VERSION
    numbers = frozenset(number for tag in if_match.split(",") if (number := version_number(tag)) is not None)
    if not numbers:
        sentence = phrase(
            'If-Match: {tags} names no version of this server; write the ETag of the last read, such as W/"1".', tags=if_match[:80]
        )
        raise fault(Category.PRECONDITION, "conflict", sentence)
    return WantedVersion(numbers)
