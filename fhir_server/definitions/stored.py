"""Conformance resources that are stored on the server: they define from the moment they are committed
(https://hl7.org/fhir/R4/references.html#canonical).

Kept in memory by canonical URL, as bytes, and decoded when first asked for. Whoever commits tells (`put`, `drop`);
whoever keeps something compiled out of definitions compares `generation`.
"""

from __future__ import annotations

import threading
import zlib
from collections import deque
from collections.abc import Sequence
from itertools import islice
from typing import Any

import msgspec

from fhir_server.definitions.search_parameter import SearchParameter, search_parameters
from fhir_server.definitions.version import fits, version_order
from fhir_server.model.json_format import decode_json
from fhir_server.model.schema import Schema

COMPRESSED_FROM = 16_384
"""Bytes; smaller resources are kept as they are."""

MAX_CHANGES = 1000
"""Changes remembered; who asks for older ones is told that anything may have changed."""

Place = tuple[str, str]


class _Head(msgspec.Struct):
    """What is read of a resource when it arrives."""

    url: str | None = None
    version: str | None = None
    supplements: str | None = None


class _Kept:
    """One stored resource; `resource` is made out of the bytes when first asked for."""

    __slots__ = ("_content", "_packed", "_resource", "seq", "supplements", "version")

    def __init__(self, head: _Head, seq: int, content: bytes):
        self.version, self.supplements, self.seq = head.version, head.supplements, seq
        self._packed = len(content) >= COMPRESSED_FROM
        self._content = zlib.compress(content, 1) if self._packed else content
        self._resource: dict[str, Any] | None = None

    @property
    def resource(self) -> dict[str, Any]:
        if self._resource is None:
            self._resource = decode_json(zlib.decompress(self._content) if self._packed else self._content)
        return self._resource


class StoredConformance:
    """Stored resources by canonical URL and version; safe to share between threads."""

    def __init__(self) -> None:
        self._by_url: dict[str, dict[Place, _Kept]] = {}
        self._newest: dict[Place, tuple[int, str | None]] = {}
        self._changes: deque[frozenset[str]] = deque(maxlen=MAX_CHANGES)
        self._lock = threading.Lock()
        self.generation = 0
        """Raised by every change."""
        self.parameters_generation = 0
        """Raised by every change of a SearchParameter."""

    def put(self, type_name: str, id_: str, seq: int, content: bytes | None) -> None:
        """`content` stands under this id since number `seq` of the change sequence; None: it was deleted. Older news is ignored."""
        head = _head(content)
        kept = _Kept(head, seq, content) if content is not None and head.url else None
        with self._lock:
            place = (type_name, id_)
            if seq <= self._newest.get(place, (0, None))[0]:
                return
            former = self._forget(place)
            self._newest[place] = (seq, head.url if kept else None)
            if kept and head.url:
                self._by_url.setdefault(head.url, {})[place] = kept
            self._changes.append(frozenset(url for url in (former, head.url) if url))
            self.generation += 1
            self.parameters_generation += type_name == "SearchParameter"

    def changed_since(self, generation: int) -> frozenset[str] | None:
        """The canonical URLs whose resources changed after this generation; None where that is too long ago to tell, or none of ours."""
        with self._lock:
            count = self.generation - generation
            if not 0 <= count <= len(self._changes):
                return None
            return frozenset().union(*islice(reversed(self._changes), count))

    def resolve(self, url: str, version: str | None = None) -> dict[str, Any] | None:
        """The stored resource with this URL: of the version asked for, else of the highest version, the newest where two have it."""
        if url not in self._by_url:
            return None
        with self._lock:
            found = [kept for kept in self._by_url.get(url, {}).values() if version is None or fits(kept.version, version)]
            best = max(found, key=lambda kept: (version_order(kept.version or ""), kept.seq), default=None)
            return best.resource if best else None

    def search_parameters(self, bases: Sequence[str]) -> list[SearchParameter]:
        """The stored parameters of these bases that are in use, the oldest first; one that cannot be read is passed over."""
        with self._lock:
            kept = [kept for places in self._by_url.values() for place, kept in places.items() if place[0] == "SearchParameter"]
        found = [one for resource in sorted(kept, key=lambda one: one.seq) for one in _parameters(resource.resource)]
        return [one for base in bases for one in found if one.base == base]

    def url_of(self, type_name: str, id_: str) -> str | None:
        """The canonical URL of the resource that is stored under this type and id."""
        return self._newest.get((type_name, id_), (0, None))[1]

    def urls(self) -> list[str]:
        """The canonical URLs that stored resources have."""
        with self._lock:
            return list(self._by_url)

    def supplements(self, url: str) -> list[dict[str, Any]]:
        """The stored CodeSystems that supplement the one with this URL."""
        with self._lock:
            every = (kept for places in self._by_url.values() for kept in places.values() if kept.supplements)
            return [kept.resource for kept in every if str(kept.supplements).partition("|")[0] == url]

    def _forget(self, place: Place) -> str | None:
        """Drop what stands at a place; the URL that it had."""
        _, url = self._newest.get(place, (0, None))
        if url is not None:
            self._by_url[url].pop(place)
            if not self._by_url[url]:
                del self._by_url[url]
        return url


def _parameters(resource: dict[str, Any]) -> list[SearchParameter]:
    if resource.get("status") == "retired":
        return []
    try:
        return list(search_parameters(resource))
    except (KeyError, TypeError, AttributeError):  # a draft without code or type defines nothing
        return []


def canonical_types(schema: Schema) -> frozenset[str]:
    """The resource types that have a canonical URL: `url`, `version` and `publisher`
    (https://hl7.org/fhir/R4/resource.html#canonical)."""
    return frozenset(name for name in schema.resource_types if _is_canonical(schema, name))


def _is_canonical(schema: Schema, name: str) -> bool:
    elements = schema[name].elements
    typed = {key: elements[key].type for key in ("url", "version", "publisher") if key in elements}
    return typed == {"url": "uri", "version": "string", "publisher": "string"}


def _head(content: bytes | None) -> _Head:
    """Without a URL where there is none that could be asked for."""
    try:
        return msgspec.json.decode(content, type=_Head) if content is not None else _Head()
    except msgspec.ValidationError:
        return _Head()
