"""Identifiers as tokens of their own: by their type (`:of-type`), and those inside references (`:identifier`)
(https://hl7.org/fhir/R4/search.html#modifiers).
"""

from __future__ import annotations

from typing import Any

from fhir_server.search.rows import IndexRows
from fhir_server.search.types.escape import split
from fhir_server.search.types.token import TokenValue
from fhir_server.search.types.writer import Keys, Writer, extension_writer


def _write_of_type(identifier: Any, keys: Keys, rows: IndexRows) -> None:
    """The value is the code, `system|code` of the type the system."""
    value, kind = identifier.get("value"), identifier.get("type")
    if not value or not kind:
        return
    for coding in kind.get("coding", ()):
        type_ = f"{coding.get('system') or ''}|{coding.get('code') or ''}"
        for key in keys:
            rows.tokens.append((key, value, type_))


def _write_identifier_of(reference: Any, keys: Keys, rows: IndexRows) -> None:
    if identifier := reference.get("identifier"):
        value, system = identifier.get("value") or "", identifier.get("system") or ""
        for key in keys:
            rows.tokens.append((key, value, system))


OF_TYPE_WRITERS: dict[str, Writer] = {"Identifier": _write_of_type}
OF_TYPE_WRITERS["Extension"] = extension_writer(OF_TYPE_WRITERS)

REFERENCE_WRITERS: dict[str, Writer] = {"Reference": _write_identifier_of}
REFERENCE_WRITERS["Extension"] = extension_writer(REFERENCE_WRITERS)


def parse_of_type(text: str) -> TokenValue:
    """`system|code|value`, all three; ValueError with a sentence for anything else."""
    parts = split(text, "|")
    if len(parts) != 3 or not all(parts):
        raise ValueError("write the type's system, its code and the identifier's value: system|code|value")
    system, code, value = parts
    return TokenValue(value, f"{system}|{code}")
