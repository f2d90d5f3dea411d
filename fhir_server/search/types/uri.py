"""URI search: the whole text, exactly (https://hl7.org/fhir/R4/search.html#uri)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fhir_server.search.rows import IndexRows
from fhir_server.search.types.writer import Keys, Writer, extension_writer


def _write_uri(uri: Any, keys: Keys, rows: IndexRows) -> None:
    if type(uri) is str and uri:
        for key in keys:
            rows.uris.append((key, uri))


WRITERS: dict[str, Writer] = dict.fromkeys(("uri", "url", "canonical", "oid", "uuid"), _write_uri)
WRITERS["Extension"] = extension_writer(WRITERS)


@dataclass(frozen=True, slots=True)
class UriValue:
    uri: str


def parse_uri(text: str) -> UriValue:
    return UriValue(text)
