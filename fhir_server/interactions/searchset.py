"""A search result as a Bundle in memory, for answers inside a batch or transaction (`rest` joins stored bytes instead)."""

from __future__ import annotations

from typing import Any

from fhir_server.interactions.outcome import SearchResult
from fhir_server.model.issue import operation_outcome
from fhir_server.model.json_format import Resource, decode_json
from fhir_server.store.stored import Stored


def searchset(result: SearchResult) -> Resource:
    """Matches, then what they include, then what was not understood."""
    entries = [_entry(stored, "match") for stored in result.matches] + [_entry(stored, "include") for stored in result.includes]
    if issues := [*result.issues, *result.told]:
        entries.append({"resource": operation_outcome(issues), "search": {"mode": "outcome"}})
    total = {} if result.total is None else {"total": result.total}
    return {"resourceType": "Bundle", "type": "searchset"} | total | ({"entry": entries} if entries else {})


def _entry(stored: Stored, mode: str) -> dict[str, Any]:
    return {"resource": decode_json(stored.content or b"null"), "search": {"mode": mode}}
