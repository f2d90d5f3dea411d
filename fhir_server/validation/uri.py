"""URIs, OIDs, UUIDs and canonicals of a form that the types' regular expressions let pass (https://hl7.org/fhir/R4/datatypes.html#uri)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from fhir_server.model.issue import Issue
from fhir_server.model.phrase import phrase
from fhir_server.model.references import parse_reference
from fhir_server.validation.surroundings import Surroundings, Visit, error, warning

SOURCE = "https://hl7.org/fhir/R4/datatypes.html#uri"
SYSTEMS = ("Coding.system", "Identifier.system", "Quantity.system")
"""Names of systems: a relative one names nothing outside of the server that wrote it."""

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_OID = re.compile(r"[0-2](\.(0|[1-9][0-9]*))+")


def is_plain_uri(value: Any) -> bool:
    """True of a URI that `check_uri` has nothing to say about."""
    return type(value) is str and value.startswith("http")


def check_uri(visit: Visit) -> Iterator[Issue]:
    """The issues of one uri, url or canonical."""
    text = visit.value
    if not isinstance(text, str) or not text:
        return
    if found := _fault(text):
        yield error("invalid", visit.at, found, "uri-form", SOURCE)
    elif not _SCHEME.match(text):
        yield from _relative(text, visit)


def _fault(text: str) -> str | None:
    for scheme in ("oid:", "uuid:"):
        if text.startswith(scheme):
            return phrase("'{text}' lacks its beginning; write urn:{text}.", text=text[:80])
    name = re.split(r"[#|]", text[9:])[0] if text.startswith("urn:uuid:") else None
    if name is not None and not _UUID.fullmatch(name):
        return phrase("'{text}' is no UUID: 32 hexadecimal digits as 8-4-4-4-12.", text=text[:80])
    if text.startswith("urn:oid:") and not _OID.fullmatch(re.split(r"[#|]", text[8:])[0]):
        return phrase("'{text}' is no OID: numbers with dots between them, the first 0, 1 or 2.", text=text[:80])
    return None


def _relative(text: str, visit: Visit) -> Iterator[Issue]:
    owner, _, name = visit.path.rpartition(".")
    if visit.path in SYSTEMS:
        sentence = phrase("The system '{text}' must be absolute: a URL with its host, or a urn.", text=text[:80])
        yield error("code-invalid", visit.at[0] or visit.at, sentence, "system-relative", SOURCE)
    elif name == "url" and owner in visit.around.definitions.schema.resource_types and not _names_container(text, visit.around):
        sentence = phrase("The url '{text}' identifies the definition everywhere, so it must be absolute.", text=text[:80])
        yield error("invalid", visit.at, sentence, "canonical-absolute", SOURCE)


def check_canonical_form(visit: Visit) -> Iterator[Issue]:
    """A canonical that is neither absolute nor a contained resource's; [Type]/[id] is a warning, since R4's own examples write it."""
    text = visit.value
    if isinstance(text, str) and text and not text.startswith("#") and not _SCHEME.match(text):
        sentence = phrase("The canonical '{text}' must be absolute: a URL with its host, a urn, or # and a contained id.", text=text[:80])
        make = warning if parse_reference(text).kind == "relative" else error
        yield make("invalid", visit.at, sentence, "canonical-absolute", SOURCE)


def _names_container(text: str, around: Surroundings) -> bool:
    return around.is_contained and text.startswith("#")
