"""The definitions that a server or a command works with: what the settings and the data folder ask for, R4 core fetched if need be."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from fhir_server.definitions.cache import PackageCache
from fhir_server.definitions.definitions import Definitions, load_definitions
from fhir_server.definitions.package import read_manifest
from fhir_server.definitions.package_list import Closure, PackageId, PackageList, package_id
from fhir_server.definitions.registry import PackageRegistry
from fhir_server.definitions.sources import CoreSources, ensure_core
from fhir_server.settings import Settings


def definitions_in_use(settings: Settings, archives: Iterable[Path] = (), say: Callable[[str], None] = print) -> Definitions:
    """R4 core, the packages of `packages_of(settings)` and what they and the .tgz files in `archives` depend on, then those files.

    `say` gets a sentence for what is fetched and for every dependency that is missing or that another version stands in for.
    """
    cache = PackageCache()
    ensure_core(cache, CoreSources.usual(registry_of(settings)), say)
    files = list(archives)
    closure = Closure(packages_of(settings), cache, [read_manifest(path) for path in files])
    for warning in (*closure.substituted, *closure.missing):
        say(warning)
    packages = [(package.name, package.version) for package in closure.packages]
    return load_definitions(packages, files, cache, closure.stand_ins)


def packages_of(settings: Settings) -> list[PackageId]:
    """What packages.json of the data folder and the setting `packages` ask for."""
    return [*PackageList(settings.data).read(), *(package_id(text) for text in settings.packages)]


def registry_of(settings: Settings) -> PackageRegistry:
    return PackageRegistry(settings.package_registry, settings.allowed_hosts, allowed_networks=settings.allowed_networks)
