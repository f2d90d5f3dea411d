"""All definitions a server or a command works with: R4 core first, then the packages added to it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

from fhir_server.definitions.cache import PackageCache, index_folder
from fhir_server.definitions.index import FORMAT, PackageIndex, build_index
from fhir_server.definitions.package import Manifest, files_of_archive, files_of_folder, read_manifest, sha256
from fhir_server.definitions.search_parameter import SearchParameter, parameter_key
from fhir_server.definitions.stored import StoredConformance
from fhir_server.model.issue import Category, fault
from fhir_server.model.schema import Schema

CORE = ("hl7.fhir.r4.core", "4.0.1")
BASE = "http://hl7.org/fhir/StructureDefinition/"

ALWAYS = frozenset(("_id", "_lastUpdated"))
"""Parameters that no stored SearchParameter can define anew."""

ParametersByCode = Mapping[str, SearchParameter]


class Definitions:
    """Canonical URLs, types and search parameters over several packages, R4's own first; a package added later wins over an earlier one,
    a resource stored on the server (`stored`) over all packages.
    """

    def __init__(self, packages: Iterable[PackageIndex], stored: StoredConformance | None = None, stand_ins: Iterable[str] = ()):
        """`stand_ins` are the packages (`name#version`) that are here in place of another version: they answer for any."""
        self.packages = tuple(packages)
        self._stand_ins = tuple(one for one in self.packages if str(one.manifest) in set(stand_ins))
        self.stored = stored or StoredConformance()
        self._resolved: dict[str, dict[str, Any] | None] = {}
        self._parameters: tuple[int, dict[str, ParametersByCode]] = (0, {})

    @cached_property
    def schema(self) -> Schema:
        """The base types of R4."""
        return Schema(definition for package in self.packages for definition in package.types())

    @property
    def generation(self) -> int:
        """Raised by every change of what is stored: what was compiled under another number may be out of date."""
        return self.stored.generation

    @property
    def parameters_generation(self) -> int:
        """Raised by every change of a stored SearchParameter."""
        return self.stored.parameters_generation

    def changed_since(self, generation: int) -> frozenset[str] | None:
        """The canonical URLs that changed after this generation; None: any may have."""
        return self.stored.changed_since(generation)

    def supplements(self, url: str) -> list[dict[str, Any]]:
        """The supplements of the code system with this URL, stored or in packages (https://hl7.org/fhir/R4/codesystem.html#supplements)."""
        packaged = (one for package in self.packages for one in package.supplements(url))
        found = {str(one.get("url")): one for one in packaged} | {str(one.get("url")): one for one in self.stored.supplements(url)}
        return list(found.values())

    def resolve(self, canonical: str) -> dict[str, Any] | None:
        """The definition with this canonical URL, `|version` respected (a partial version such as `|4.0` too); None if unknown.

        A stored resource comes first, then the packages, the last one first. The base types are always those of the packages.
        Where no package has the version asked for, one that stands in for another version answers with its own.
        """
        return self._stored(canonical) or self._packaged(canonical)

    def _stored(self, canonical: str) -> dict[str, Any] | None:
        url, _, version = canonical.partition("|")
        found = self.stored.resolve(url, version or None)
        return None if found and url.removeprefix(BASE) in self.schema else found

    def _packaged(self, canonical: str) -> dict[str, Any] | None:
        if canonical not in self._resolved:
            self._resolved[canonical] = self._find(canonical)
        return self._resolved[canonical]

    def _find(self, canonical: str) -> dict[str, Any] | None:
        url, _, version = canonical.partition("|")
        exact = (package.resolve(url, version or None) for package in reversed(self.packages))
        other = (package.resolve(url) for package in reversed(self._stand_ins))
        return next((resource for resource in chain(exact, other) if resource), None)

    def search_parameters(self, resource_type: str) -> ParametersByCode:
        """The parameters of a resource type by code, those of DomainResource and Resource included, stored ones before packaged ones."""
        generation, known = self._parameters
        if generation != self.parameters_generation:
            generation, known = self._parameters = (self.parameters_generation, {})
        if resource_type not in known:
            known[resource_type] = self._applicable(resource_type)
        return known[resource_type]

    def _applicable(self, resource_type: str) -> ParametersByCode:
        general = ("Resource", "DomainResource") if self.schema.is_subtype(resource_type, "DomainResource") else ("Resource",)
        bases = (*general, resource_type)
        found = {code: one for base in bases for code, one in self._by_base.get(base, {}).items()}
        keys: dict[int, str] = {}
        for code in found:
            key = parameter_key(resource_type, code)
            if keys.setdefault(key, code) != code:
                sentence = f"The search parameters {code} and {keys[key]} of {resource_type} share an index key; rename one."
                raise fault(Category.INVALID, "conflict", sentence)
        for one in self.stored.search_parameters(bases):
            if keys.setdefault(parameter_key(resource_type, one.code), one.code) == one.code and one.code not in ALWAYS:
                found[one.code] = one
        return found

    def core(self, canonical: str) -> dict[str, Any] | None:
        """R4's own definition, whatever else is stored or in other packages."""
        return self.packages[0].resolve(canonical)

    def core_search_parameters(self, resource_type: str) -> ParametersByCode:
        """R4's own parameters of a resource type by code, whatever else is stored or in other packages."""
        return self._core_by_base.get(resource_type, {})

    @cached_property
    def _core_by_base(self) -> dict[str, dict[str, SearchParameter]]:
        return _with_those_of(self.packages[0], {})

    @cached_property
    def _by_base(self) -> dict[str, dict[str, SearchParameter]]:
        found = {base: dict(parameters) for base, parameters in self._core_by_base.items()}
        for package in self.packages[1:]:
            _with_those_of(package, found)
        return found

    def close(self) -> None:
        for package in self.packages:
            package.close()


def _with_those_of(package: PackageIndex, found: dict[str, dict[str, SearchParameter]]) -> dict[str, dict[str, SearchParameter]]:
    """Search parameters by type and code, with those of one package more."""
    for parameter in package.search_parameters():
        found.setdefault(parameter.base, {})[parameter.code] = parameter
    return found


def open_package(name: str, version: str, cache: PackageCache) -> PackageIndex:
    """The index of a package of the cache, built if it is not there yet."""
    folder = cache.folder(name, version)
    if not cache.holds(name, version):
        sentence = f"The package {name}#{version} is not in {cache.root}; add it: passerelle packages add {name}@{version}"
        raise fault(Category.NOT_FOUND, "not-found", sentence)
    stamp = int((folder / "package.json").stat().st_mtime_ns)
    path = index_folder() / f"{name}#{version}-{stamp:x}-{FORMAT}.db"
    if not path.is_file():
        build_index(files_of_folder(folder), path)
    return PackageIndex(path)


def open_archive(archive: Path) -> PackageIndex:
    """The index of a .tgz that is not installed (`--package FILE.tgz`), kept under the sum of its bytes."""
    path = index_folder() / f"{read_manifest(archive)}-{sha256(archive)[:16]}-{FORMAT}.db"
    if not path.is_file():
        build_index(files_of_archive(archive), path)
    return PackageIndex(path)


def guide_folder() -> Path:
    """Our own implementation guide, compiled: `profiles/package` of the source tree, or the copy inside the installed package."""
    installed = Path(__file__).parent / "guide"
    return installed if installed.is_dir() else Path(__file__).parents[2] / "profiles" / "package"


def open_folder(folder: Path) -> PackageIndex:
    """The index of an extracted package outside the cache, kept under the names, sizes and times of its files."""
    stamp = hashlib.sha256()
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        status = entry.stat()
        stamp.update(f"{entry.path}:{status.st_size}:{status.st_mtime_ns};".encode())
    path = index_folder() / f"{folder.name}-{stamp.hexdigest()[:16]}-{FORMAT}.db"
    if not path.is_file():
        build_index(files_of_folder(folder), path)
    return PackageIndex(path)


def load_definitions(
    packages: Iterable[tuple[str, str]] = (),
    archives: Iterable[Path] = (),
    cache: PackageCache | None = None,
    stand_ins: Iterable[str] = (),
) -> Definitions:
    """R4 core, our own guide, then the named packages, then archives: the last one wins, so what a national package
    holds whole comes before our part of it. `stand_ins`: those in place of another version (`name#version`).
    """
    cache = cache or PackageCache()
    added = (open_package(name, version, cache) for name, version in dict.fromkeys(packages) if (name, version) != CORE)
    opened = [open_package(*CORE, cache), open_folder(guide_folder()), *added, *(open_archive(path) for path in archives)]
    return Definitions(opened, stand_ins=stand_ins)


def listed(definitions: Definitions) -> list[Manifest]:
    """The manifests of the packages in use, in the order they are searched last to first."""
    return [package.manifest for package in definitions.packages]


__all__ = ["CORE", "Definitions", "guide_folder", "listed", "load_definitions", "open_archive", "open_folder", "open_package"]
