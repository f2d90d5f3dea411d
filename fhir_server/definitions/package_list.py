"""The packages that a server loads besides R4 core: `packages.json` in its data folder, and what those depend on.

    {"packages": [{"name": "hl7.fhir.fr.core", "version": "2.1.0"}]}
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

import msgspec

from fhir_server.definitions.cache import PackageCache
from fhir_server.definitions.definitions import CORE
from fhir_server.definitions.package import Manifest, manifest_of
from fhir_server.model.issue import Category, fault

FILE_NAME = "packages.json"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*", re.IGNORECASE)
_VERSION = re.compile(r"[a-z0-9][a-z0-9.+-]*", re.IGNORECASE)


class PackageId(msgspec.Struct, frozen=True):
    """A package by name and version."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"


class _Content(msgspec.Struct):
    packages: list[PackageId]


def package_id(text: str) -> PackageId:
    """The package that `NAME@VERSION` (or `NAME#VERSION`) names. Raises FhirError(MALFORMED)."""
    name, _, version = text.replace("#", "@", 1).partition("@")
    if not _NAME.fullmatch(name) or not _VERSION.fullmatch(version):
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
    """Packages and what they depend on, dependencies first; `missing` says what a package names and the cache does not hold."""

    def __init__(self, wanted: Iterable[PackageId], cache: PackageCache):
        self._cache = cache
        self.packages: list[PackageId] = []
        self._absent: list[tuple[PackageId, PackageId]] = []
        self._seen = {PackageId(*CORE)}
        for package in wanted:
            self._take(package)

    @property
    def missing(self) -> list[str]:
        """A sentence for each; none where another version of the package is loaded, for whoever added that one chose it."""
        loaded = {package.name for package in self.packages}
        return [_missing(by, wanted) for by, wanted in self._absent if wanted.name not in loaded]

    def _take(self, package: PackageId) -> None:
        if package in self._seen:
            return
        self._seen.add(package)
        for name, version in read_cached_manifest(package, self._cache).dependencies.items():
            self._take_dependency(package, PackageId(name, version))
        self.packages.append(package)

    def _take_dependency(self, by: PackageId, wanted: PackageId) -> None:
        if found := cached_version(wanted, self._cache):
            self._take(found)
        elif wanted.name != CORE[0]:
            self._absent.append((by, wanted))


def _missing(by: PackageId, wanted: PackageId) -> str:
    return f"{by} depends on {wanted}, which is not in the package cache; what it defines will be unknown."


def cached_version(wanted: PackageId, cache: PackageCache) -> PackageId | None:
    """The package of the cache that a dependency means: the very version, or the highest that fits `2.1.x` or `latest`."""
    if cache.holds(wanted.name, wanted.version):
        return wanted
    prefix = _prefix(wanted.version)
    fitting = [version for version in cache.versions(wanted.name) if prefix is not None and version.startswith(prefix)]
    return PackageId(wanted.name, max(fitting, key=_order)) if fitting else None


def _prefix(version: str) -> str | None:
    if version in ("latest", "current", "*"):
        return ""
    return version.removesuffix("x") if version.endswith(".x") else None


def _order(version: str) -> tuple[tuple[int, ...], bool, str]:
    release, _, label = version.partition("-")
    return tuple(int(part) if part.isdigit() else 0 for part in release.split(".")), not label, label


def read_cached_manifest(package: PackageId, cache: PackageCache) -> Manifest:
    """package.json of a package of the cache. Raises FhirError(NOT_FOUND) where it is not there."""
    path = cache.folder(package.name, package.version) / "package.json"
    try:
        return manifest_of(path.read_bytes())
    except OSError:
        raise fault(
            Category.NOT_FOUND, "not-found", f"The package {package} is not in {cache.root}; add it: passerelle packages add {package}"
        ) from None
