"""The on-disk index of one package: a SQLite file that a start opens instead of reading megabytes of JSON.

`conformance` holds every resource of the package (compressed JSON) by canonical URL; `part` holds what is read at every
start, already in its compact form: the types, the search parameters, and which code systems supplement which.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
import threading
import zlib
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from fhir_server.definitions.package import Manifest, manifest_of
from fhir_server.definitions.search_parameter import SearchParameter, search_parameters
from fhir_server.definitions.structure import defines_type, type_definitions
from fhir_server.definitions.version import fits
from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.model.json_format import decode_json, encode_json
from fhir_server.model.schema import TypeDefinition

FORMAT = 4
"""Raised when what is written changes; an index of another format is built anew."""

_SCHEMA = """
CREATE TABLE conformance (type TEXT NOT NULL, id TEXT NOT NULL, url TEXT, version TEXT, content BLOB NOT NULL);
CREATE INDEX conformance_url ON conformance (url);
CREATE INDEX conformance_id ON conformance (type, id);
CREATE TABLE part (name TEXT PRIMARY KEY, content BLOB NOT NULL);
"""

T = TypeVar("T")


class PackageIndex:
    """An index opened for reading; safe to use from several threads."""

    def __init__(self, path: Path):
        self.path = path
        self._connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)
        self._lock = threading.Lock()
        self.manifest = self._part("manifest", Manifest)

    def types(self) -> list[TypeDefinition]:
        return self._part("types", list[TypeDefinition])

    def search_parameters(self) -> list[SearchParameter]:
        return self._part("search-parameters", list[SearchParameter])

    @cached_property
    def _supplements(self) -> dict[str, list[str]]:
        """The ids of the supplements in the package, by the URL of the code system that they add to."""
        return self._part("supplements", dict[str, list[str]])

    def supplements(self, url: str) -> list[dict[str, Any]]:
        """The CodeSystems that supplement the one with this URL."""
        found = (self.read("CodeSystem", id_) for id_ in self._supplements.get(url, ()))
        return [resource for resource in found if resource]

    def resolve(self, url: str, version: str | None = None) -> dict[str, Any] | None:
        """The resource with this canonical URL (the last one in the package where several share it)."""
        for content, found in self._rows("SELECT content, version FROM conformance WHERE url = ? ORDER BY rowid DESC", url):
            if version is None or fits(found, version):
                return _unpack(content)
        return None

    def read(self, type_name: str, id_: str) -> dict[str, Any] | None:
        for (content,) in self._rows("SELECT content FROM conformance WHERE type = ? AND id = ?", type_name, id_):
            return _unpack(content)
        return None

    def all(self, type_name: str) -> Iterator[dict[str, Any]]:
        """Every resource of one type."""
        for (content,) in self._rows("SELECT content FROM conformance WHERE type = ?", type_name):
            yield _unpack(content)

    def urls(self, type_name: str) -> list[str]:
        return [url for (url,) in self._rows("SELECT url FROM conformance WHERE type = ? AND url IS NOT NULL", type_name)]

    def close(self) -> None:
        self._connection.close()

    def _rows(self, sql: str, *values: str) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def _part(self, name: str, kind: type[T]) -> T:
        (content,) = self._rows("SELECT content FROM part WHERE name = ?", name)[0]
        return msgspec.msgpack.decode(content, type=kind)


def build_index(files: Iterable[tuple[str, bytes]], path: Path) -> None:
    """Write the index of a package's files to `path`, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, work = tempfile.mkstemp(dir=path.parent, suffix=".building")
    os.close(handle)
    try:
        with sqlite3.connect(work) as connection:
            connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + _SCHEMA)
            _fill(connection, files)
        connection.close()
        os.chmod(work, 0o644)
        os.replace(work, path)
    finally:
        Path(work).unlink(missing_ok=True)


def _fill(connection: sqlite3.Connection, files: Iterable[tuple[str, bytes]]) -> None:
    """Experimental search parameters go first, so that others win: R4 core carries examples that redefine `_id` and `Condition.subject`."""
    types: list[TypeDefinition] = []
    parameters: list[SearchParameter] = []
    supplements: dict[str, list[str]] = {}
    manifest: Manifest | None = None
    for name, content in files:
        if name == "package.json":
            manifest = manifest_of(content)
        elif resource := _conformance_resource(name, content):
            connection.execute("INSERT INTO conformance VALUES (?, ?, ?, ?, ?)", _row(resource))
            if resource["resourceType"] == "StructureDefinition" and defines_type(resource):
                types += type_definitions(resource)
            elif resource["resourceType"] == "SearchParameter":
                found = list(search_parameters(resource))
                parameters = [*found, *parameters] if resource.get("experimental") else parameters + found
            elif resource["resourceType"] == "CodeSystem" and isinstance(supplemented := resource.get("supplements"), str):
                supplements.setdefault(supplemented.partition("|")[0], []).append(resource.get("id", ""))
    if manifest is None:
        raise fault(Category.INVALID, "not-found", "The package has no package.json.")
    parts = {"manifest": manifest, "types": types, "search-parameters": parameters, "supplements": supplements}
    connection.executemany("INSERT INTO part VALUES (?, ?)", [(name, msgspec.msgpack.encode(part)) for name, part in parts.items()])


def _conformance_resource(name: str, content: bytes) -> dict[str, Any] | None:
    if "/" in name or not name.endswith(".json") or name.startswith("."):
        return None
    try:
        resource = decode_json(content)
    except FhirError as error:
        raise fault(Category.INVALID, "structure", f"{name} in the package is not JSON: {error}") from None
    return resource if isinstance(resource, dict) and "resourceType" in resource else None


def _row(resource: dict[str, Any]) -> tuple[Any, ...]:
    packed = zlib.compress(encode_json(resource), 1)
    return resource["resourceType"], resource.get("id", ""), resource.get("url"), resource.get("version"), packed


def _unpack(content: bytes) -> dict[str, Any]:
    resource: dict[str, Any] = decode_json(zlib.decompress(content))
    return resource
