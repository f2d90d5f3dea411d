"""URI search: the whole text, exactly, or along the path of a URL (https://hl7.org/fhir/R4/search.html#uri)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fhir_server.search.rows import IndexRows
from fhir_server.search.types.writer import Keys, Writer, extension_writer


def _write_uri(uri: Any, keys: Keys, rows: IndexRows) -> None:
    if type(uri) is str and uri:
        for key in keys:
            rows.uris.append((key, uri))


def _write_canonical(canonical: Any, keys: Keys, rows: IndexRows) -> None:
    """Found with its version (`url|version`) and without."""
    _write_uri(canonical, keys, rows)
    url, bar, _ = canonical.partition("|")
    if bar:
        _write_uri(url, keys, rows)


def write_versioned(resource: Any, keys: Keys, rows: IndexRows) -> None:
    """A canonical resource's own URL with its version, as references to it are written
    (https://hl7.org/fhir/R4/references.html#canonical)."""
    url, version = resource.get("url"), resource.get("version")
    if type(url) is str and type(version) is str and url and version:
        _write_uri(f"{url}|{version}", keys, rows)


WRITERS: dict[str, Writer] = {**dict.fromkeys(("uri", "url", "oid", "uuid"), _write_uri), "canonical": _write_canonical}
WRITERS["Extension"] = extension_writer(WRITERS)


@dataclass(frozen=True, slots=True)
class UriValue:
    """With `below`, also every URL further down its path (it ends with a slash or does not)."""

    uri: str
    below: bool = False


def parse_uri(text: str) -> UriValue:
    return UriValue(text)


def parse_uri_below(text: str) -> UriValue:
    """ValueError with a sentence for what has no path."""
    return UriValue(_url(text), True)


def uris_above(text: str) -> tuple[UriValue, ...]:
    """The URL and all that lead to it, with and without a slash at the end; ValueError with a sentence for what has no path."""
    host, *steps = _url(text).split("://", 1)[1].rstrip("/").split("/")
    scheme = text.split("://", 1)[0]
    roots = ["/".join((f"{scheme}://{host}", *steps[:length])) for length in range(len(steps) + 1)]
    return tuple(UriValue(uri) for root in roots for uri in (root, root + "/"))


def _url(text: str) -> str:
    if "://" not in text:
        raise ValueError("only a URL has others above and below it; a URN has not")
    return text
