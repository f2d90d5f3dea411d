"""Texts beside codes and references, which the modifier `:text` searches (https://hl7.org/fhir/R4/search.html#modifiers).

They are string rows without the exact text, under a key of their own (`fhir_server.search.facet`).
"""

from __future__ import annotations

from typing import Any

from fhir_server.search.rows import IndexRows
from fhir_server.search.types.string import fold
from fhir_server.search.types.writer import Keys, Writer, extension_writer


def _write(text: Any, keys: Keys, rows: IndexRows) -> None:
    if text and (folded := fold(text)):
        for key in keys:
            rows.strings.append((key, folded, ""))


def _write_coding(coding: Any, keys: Keys, rows: IndexRows) -> None:
    _write(coding.get("display"), keys, rows)


def _write_concept(concept: Any, keys: Keys, rows: IndexRows) -> None:
    _write(concept.get("text"), keys, rows)
    for coding in concept.get("coding", ()):
        _write(coding.get("display"), keys, rows)


def _write_identifier(identifier: Any, keys: Keys, rows: IndexRows) -> None:
    if kind := identifier.get("type"):
        _write_concept(kind, keys, rows)


TOKEN_WRITERS: dict[str, Writer] = {"Coding": _write_coding, "CodeableConcept": _write_concept, "Identifier": _write_identifier}
TOKEN_WRITERS["Extension"] = extension_writer(TOKEN_WRITERS)

REFERENCE_WRITERS: dict[str, Writer] = {"Reference": _write_coding}  # its display
REFERENCE_WRITERS["Extension"] = extension_writer(REFERENCE_WRITERS)
