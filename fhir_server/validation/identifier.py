"""An Identifier whose system says that its value is a URI (https://hl7.org/fhir/R4/datatypes.html#Identifier)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fhir_server.model.issue import Issue
from fhir_server.model.phrase import phrase
from fhir_server.validation.surroundings import Visit, error

SOURCE = "https://hl7.org/fhir/R4/datatypes.html#Identifier"
URI = "urn:ietf:rfc:3986"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:\S+")


def check_identifier(visit: Visit) -> Iterator[Issue]:
    """The issues of one Identifier."""
    if not isinstance(visit.value, dict) or visit.value.get("system") != URI:
        return
    value = visit.value.get("value")
    if isinstance(value, str) and not _SCHEME.fullmatch(value):
        sentence = phrase(
            "With the system {uri} the value is a whole URI (urn:oid:..., https://...), not '{value}'.", uri=URI, value=value[:60]
        )
        yield error("code-invalid", visit.at, sentence, "identifier-uri", SOURCE)
