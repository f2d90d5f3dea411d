"""The store as NDJSON, one file for each resource type (https://hl7.org/fhir/R4/nd-json.html)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from pathlib import Path

from fhir_server.interactions import Interactions

PAGE = "1000"


async def export(interactions: Interactions, folder: Path, types: Iterable[str]) -> dict[str, int]:
    """Write `Patient.ndjson` and so on into a folder that is there, current versions only; the number of resources by type."""
    counts = {}
    for type_name in sorted(interactions.known_type(name) for name in types):
        if count := await _write(interactions, type_name, folder / f"{type_name}.ndjson"):
            counts[type_name] = count
    return counts


async def _write(interactions: Interactions, type_name: str, path: Path) -> int:
    count = 0
    with path.with_suffix(".partial").open("wb") as stream:
        async for content in _contents(interactions, type_name):
            stream.write(content + b"\n")
            count += 1
    if count:
        path.with_suffix(".partial").replace(path)
    else:
        path.with_suffix(".partial").unlink()
    return count


async def _contents(interactions: Interactions, type_name: str) -> AsyncIterator[bytes]:
    pairs = [("_count", PAGE)]
    while True:
        page = await interactions.search(type_name, pairs)
        for stored in page.matches:
            yield stored.content or b"null"
        if page.next is None:
            return
        pairs = [("_count", PAGE), ("_page", page.next)]
