"""Token search: codes with their systems (https://hl7.org/fhir/R4/search.html#token)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fhir_server.search.rows import IndexRows
from fhir_server.search.types.escape import split
from fhir_server.search.types.writer import Keys, Writer, extension_writer


def _write_code(code: Any, keys: Keys, rows: IndexRows) -> None:
    if type(code) is str and code:
        for key in keys:
            rows.tokens.append((key, code, ""))


def _write_boolean(value: Any, keys: Keys, rows: IndexRows) -> None:
    if type(value) is bool:
        _write_code("true" if value else "false", keys, rows)


def _write_coding(coding: Any, keys: Keys, rows: IndexRows) -> None:
    code, system = coding.get("code") or "", coding.get("system") or ""
    for key in keys:
        rows.tokens.append((key, code, system))


def _write_concept(concept: Any, keys: Keys, rows: IndexRows) -> None:
    codings = concept.get("coding")
    if not codings:
        _write_presence(keys, rows)
        return
    for coding in codings:
        code, system = coding.get("code") or "", coding.get("system") or ""
        for key in keys:
            rows.tokens.append((key, code, system))


def _write_identifier(identifier: Any, keys: Keys, rows: IndexRows) -> None:
    value, system = identifier.get("value") or "", identifier.get("system") or ""
    for key in keys:
        rows.tokens.append((key, value, system))


def _write_contact_point(contact: Any, keys: Keys, rows: IndexRows) -> None:
    """Found with and without its system (`phone|...`), which for a ContactPoint is no namespace."""
    value = contact.get("value")
    if value is None:
        _write_presence(keys, rows)
        return
    for system in {contact.get("system", ""), ""}:
        for key in keys:
            rows.tokens.append((key, value, system))


def _write_presence(keys: Keys, rows: IndexRows) -> None:
    """An element without anything to find it by is not `:missing`."""
    for key in keys:
        rows.tokens.append((key, "", ""))


def _write_number(value: Any, keys: Keys, rows: IndexRows) -> None:
    if type(value) is int:
        _write_code(str(value), keys, rows)


_PRIMITIVES = ("code", "id", "string", "uri", "url", "canonical", "oid", "uuid")
WRITERS: dict[str, Writer] = {
    **dict.fromkeys(_PRIMITIVES, _write_code), "boolean": _write_boolean, "Coding": _write_coding, "CodeableConcept": _write_concept,
    "Identifier": _write_identifier, "ContactPoint": _write_contact_point,
    **dict.fromkeys(("integer", "positiveInt", "unsignedInt"), _write_number),
}  # fmt: skip
WRITERS["Extension"] = extension_writer(WRITERS)


@dataclass(frozen=True, slots=True)
class TokenValue:
    """`system` None is any, "" is none at all; `code` None is any code of the system."""

    code: str | None
    system: str | None


def parse_token(text: str) -> TokenValue:
    """`code`, `system|code`, `|code` or `system|`; ValueError with a sentence for anything else."""
    parts = split(text, "|")
    if len(parts) > 2 or not any(parts):
        raise ValueError("write code, system|code, |code or system|")
    if len(parts) == 1:
        return TokenValue(parts[0], None)
    return TokenValue(parts[1] or None, parts[0])
