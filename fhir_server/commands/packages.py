"""`passerelle packages`: add FHIR packages, list those in use, fetch the definitions of R4."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from fhir_server.commands.options import Config, Data, store_settings
from fhir_server.definitions.cache import PackageCache
from fhir_server.definitions.definitions import CORE, open_package
from fhir_server.definitions.package_list import Closure, PackageId, PackageList, package_id
from fhir_server.definitions.registry import PackageRegistry
from fhir_server.definitions.sources import CoreSources, ensure_core
from fhir_server.definitions_in_use import packages_of, registry_of
from fhir_server.model.issue import Category, fault
from fhir_server.settings import Settings

command = typer.Typer(rich_markup_mode=None)

Package = Annotated[str, typer.Argument(metavar="FILE.tgz|NAME@VERSION", help="A package file, or a package of the cache or the registry.")]


@command.command("add")
def add(package: Package, data: Data = None, config: Config = None) -> None:
    """Put a package into the package cache and load it at every start of the server with this data folder."""
    settings = store_settings(data, None, config)
    cache = PackageCache()
    found = _installed(package, cache, settings)
    open_package(found.name, found.version, cache).close()
    if found == PackageId(*CORE):
        typer.echo(f"{found} is in {cache.root}; it is always loaded.")
        return
    former = PackageList(settings.data).add(found)
    typer.echo(f"Added {found}" + (f" in place of {former}." if former else "."))
    _tell(Closure(packages_of(settings), cache))


@command.command("list")
def list_packages(data: Data = None, config: Config = None) -> None:
    """The packages that the server loads, in order; a later one wins over an earlier one."""
    settings = store_settings(data, None, config)
    cache = PackageCache()
    typer.echo(f"{CORE[0]}@{CORE[1]}" + ("" if cache.holds(*CORE) else "  (not fetched yet: passerelle packages fetch)"))
    closure = Closure(packages_of(settings), cache)
    for package in closure.packages:
        typer.echo(str(package))
    _tell(closure)


@command.command("fetch")
def fetch(config: Config = None) -> None:
    """Put the definitions of R4 into the package cache, checked and indexed; quick when they are there."""
    settings = store_settings(None, None, config)
    folder = ensure_core(sources=CoreSources.usual(registry_of(settings)), say=lambda text: typer.echo(text, err=True))
    typer.echo(f"The definitions of R4 are in {folder}.")


def _tell(closure: Closure) -> None:
    for note in closure.substituted:
        typer.echo(f"Note: {note}", err=True)
    for warning in closure.missing:
        typer.echo(f"Warning: {warning}", err=True)


def _installed(package: str, cache: PackageCache, settings: Settings) -> PackageId:
    if Path(package).is_file():
        return _install_file(Path(package), cache)
    if package.endswith((".tgz", ".tar.gz")):
        raise fault(Category.NOT_FOUND, "not-found", f"There is no file {package}.")
    wanted = package_id(package)
    if not cache.holds(wanted.name, wanted.version):
        _install_from_registry(wanted, cache, registry_of(settings))
    return wanted


def _install_file(archive: Path, cache: PackageCache) -> PackageId:
    manifest = cache.install(archive)
    return PackageId(manifest.name, manifest.version)


def _install_from_registry(wanted: PackageId, cache: PackageCache, registry: PackageRegistry) -> None:
    typer.echo(f"Fetching {wanted} from {registry.url}.", err=True)
    with tempfile.TemporaryDirectory(prefix="passerelle-") as folder:
        archive = Path(folder) / "package.tgz"
        registry.fetch(wanted.name, wanted.version, archive)
        found = _install_file(archive, cache)
    if found != wanted:
        raise fault(Category.INVALID, "conflict", f"{registry.url} sent {found} when asked for {wanted}.")
