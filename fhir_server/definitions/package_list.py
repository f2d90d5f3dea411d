"""The packages that a server loads besides R4 core: `packages.json` in its data folder, and what those depend on.

{"packages": [{"name": "hl7.fhir.fr.core", "version": "2.1.0"}]}
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

import msgspec

from fhir_server.definitions.cache import PackageCache
from fhir_server.definitions.definitions import CORE
from fhir_server.definitions.package import NAME, VERSION, Manifest, manifest_of
from fhir_server.definitions.substitute import PackageId, cached_version, is_needless, substitute
from fhir_server.model.issue import Category, fault

FILE_NAME = "packages.json"


class _Content(msgspec.Struct):
    packages: list[PackageId]


def package_id(text: str) -> PackageId:
    """The package that `NAME@VERSION` (or `NAME#VERSION`) names. Raises FhirError(MALFORMED)."""
    name, _, version = text.replace("#", "@", 1).partition("@")
    if not NAME.fullmatch(name) or not VERSION.fullmatch(version):
        raise fault(Category.MALFORMED, "value", f"{text!r} names no package: write NAME@VERSION, such as hl7.fhir.fr.core@2.1.0.")
    return PackageId(name, version)


class PackageList:
    """The list of one data folder. Every change is written whole or not at all."""

    def __init__(self, data: Path):
        self.path = data / FILE_NAME

    def read(self) -> list[PackageId]:
        """The packages in the order they were added; empty where there is no list yet."""
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=_Content).packages
        except FileNotFoundError:
            return []
        except msgspec.DecodeError as error:
            raise fault(Category.MALFORMED, "structure", f"{self.path} is not a list of packages: {error}. Mend it or remove it.") from None

    def add(self, package: PackageId) -> PackageId | None:
        """Put a package at the end; another version of it leaves the list and is returned."""
        listed = self.read()
        former = next((one for one in listed if one.name == package.name and one != package), None)
        self._write([one for one in listed if one.name != package.name] + [package])
        return former

    def _write(self, packages: list[PackageId]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        content = msgspec.json.format(msgspec.json.encode(_Content(packages)), indent=2) + b"\n"
        handle, work = tempfile.mkstemp(dir=self.path.parent, prefix=".packages-")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(work, self.path)
        finally:
            Path(work).unlink(missing_ok=True)


class Closure:
    """Packages and what they depend on, dependencies first.

    `missing` says what a package names and nothing in the cache stands in for; `substituted` what stands in for what,
    `stand_ins` which packages do (`name#version`).
    """

    def __init__(self, wanted: Iterable[PackageId], cache: PackageCache, archives: Iterable[Manifest] = ()):
        """`archives` are packages read from files: what they depend on is taken, they themselves are at hand already."""
        self._cache = cache
        self._at_hand = {one.name: one for one in archives}
        self.packages: list[PackageId] = []
        self.missing: list[str] = []
        self.substituted: list[str] = []
        self.stand_ins: set[str] = set()
        self._seen = {PackageId(*CORE)}
        self._told: set[PackageId] = set()
        for package in wanted:
            self._take(package)
        for manifest in self._at_hand.values():
            self._take_dependencies(PackageId(manifest.name, manifest.version), manifest)

    def _take(self, package: PackageId) -> None:
        if package in self._seen:
            return
        self._seen.add(package)
        self._take_dependencies(package, read_cached_manifest(package, self._cache))
        self.packages.append(package)

    def _take_dependencies(self, package: PackageId, manifest: Manifest) -> None:
        for name, version in manifest.dependencies.items():
            if name in self._at_hand:
                self._note_archive(version, self._at_hand[name])
            elif not is_needless(name):
                self._take_dependency(package, PackageId(name, version))

    def _note_archive(self, asked: str, archive: Manifest) -> None:
        if asked != archive.version:
            self.stand_ins.add(str(archive))

    def _take_dependency(self, by: PackageId, wanted: PackageId) -> None:
        found = cached_version(wanted, self._cache) or substitute(wanted, self._cache)
        if found is None:
            self.missing.append(f"{by} depends on {wanted}, which is not in the package cache; what it defines will be unknown.")
            return
        if found != cached_version(wanted, self._cache) and wanted not in self._told:
            self._told.add(wanted)
            self.stand_ins.add(f"{found.name}#{found.version}")
            self.substituted.append(f"{by} depends on {wanted}, which is not in the package cache; {found} is used in its place.")
        self._take(found)


def read_cached_manifest(package: PackageId, cache: PackageCache) -> Manifest:
    """package.json of a package of the cache. Raises FhirError(NOT_FOUND) where it is not there."""
    path = cache.folder(package.name, package.version) / "package.json"
    try:
        return manifest_of(path.read_bytes())
    except OSError:
        raise fault(
            Category.NOT_FOUND, "not-found", f"The package {package} is not in {cache.root}; add it: passerelle packages add {package}"
        ) from None


__all__ = ["Closure", "PackageId", "PackageList", "cached_version", "package_id", "read_cached_manifest"]
