"""The index tables, which all stores share by name and column: what `IndexRows` holds goes into them as it is, behind the pk.

Who adds a table adds it here and, by a migration, to each store.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fhir_server.search.rows import IndexRows

COMPONENT: Mapping[str, type] = {"key": int, "element": int}
QUANTITY: Mapping[str, type] = {
    "low": float, "high": float, "system": str, "code": str, "unit": str, "dimension": str, "base_low": float, "base_high": float,
}  # fmt: skip
INDEX_TABLES: Mapping[str, tuple[str, Mapping[str, type]]] = {
    "index_string": ("strings", {"key": int, "value": str, "exact": str}),
    "index_token": ("tokens", {"key": int, "code": str, "system": str}),
    "index_reference": ("references", {"key": int, "id": str, "type": str, "version": str}),
    "index_date": ("dates", {"key": int, "low": int, "high": int}),
    "index_number": ("numbers", {"key": int, "low": float, "high": float}),
    "index_quantity": ("quantities", {"key": int, **QUANTITY}),
    "index_uri": ("uris", {"key": int, "value": str}),
    "index_position": ("positions", {"key": int, "x": float, "y": float, "z": float}),
    "index_component_string": ("component_strings", {**COMPONENT, "value": str, "exact": str}),
    "index_component_token": ("component_tokens", {**COMPONENT, "code": str, "system": str}),
    "index_component_reference": ("component_references", {**COMPONENT, "id": str, "type": str, "version": str}),
    "index_component_date": ("component_dates", {**COMPONENT, "low": int, "high": int}),
    "index_component_number": ("component_numbers", {**COMPONENT, "low": float, "high": float}),
    "index_component_quantity": ("component_quantities", {**COMPONENT, **QUANTITY}),
    "index_component_uri": ("component_uris", {**COMPONENT, "value": str}),
    "index_mark": ("marks", {"mark": str}),
    "index_grant": ("grants", {"kind": str, "actor": str, "person": str, "target": str, "since": int, "until": int}),
    "index_text": ("texts", {"narrative": str, "content": str}),
}
"""Table -> the attribute of `IndexRows` with its rows, and the columns behind `pk`."""

TEXT_TABLE = "index_text"
"""Each database keeps this one as its own full-text search needs it (`fhir_server.search.words`)."""


def rows_of(index: IndexRows, table: str) -> Sequence[tuple[Any, ...]]:
    """The rows of one table, without the pk."""
    rows: Sequence[tuple[Any, ...]] = getattr(index, INDEX_TABLES[table][0])
    return rows
