"""Which package of the cache stands in for a dependency (https://confluence.hl7.org/display/FHIR/NPM+Package+Specification).

Guides are published against versions that are seldom all at hand; the terminology package alone has a new one every few months.
`substitutes.json` names the packages that went by another name, and those that need not be loaded.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import msgspec

from fhir_server.definitions.cache import PackageCache
from fhir_server.definitions.version import version_order


class PackageId(msgspec.Struct, frozen=True):
    """A package by name and version."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"


class _Row(msgspec.Struct, frozen=True):
    package: str
    why: str
    use: str = ""


class _Table(msgspec.Struct, frozen=True):
    instead: list[_Row]
    needless: list[_Row]


@cache
def _table() -> _Table:
    return msgspec.json.decode(files(__package__).joinpath("substitutes.json").read_bytes(), type=_Table)


def is_needless(name: str) -> bool:
    """True for a package whose absence nobody notices: R4 core itself, its examples, the core of another FHIR version."""
    return any(row.package == name for row in _table().needless)


def cached_version(wanted: PackageId, packages: PackageCache) -> PackageId | None:
    """The package of the cache that a dependency means: the very version, or the highest that fits `2.1.x` or `latest`."""
    if packages.holds(wanted.name, wanted.version):
        return wanted
    prefix = _prefix(wanted.version)
    return _highest(wanted.name, packages, prefix) if prefix is not None else None


def substitute(wanted: PackageId, packages: PackageCache) -> PackageId | None:
    """What is used where the cache has not the package itself: the same release with a label (1.3.0-partial for 1.3.0), else the
    highest version there is, else the package that goes by another name."""
    own = _highest(wanted.name, packages, wanted.version + "-") or _highest(wanted.name, packages, "")
    others = (PackageId(row.use, wanted.version) for row in _table().instead if row.package == wanted.name)
    return own or next((found for other in others if (found := _standing_in(other, packages))), None)


def _standing_in(other: PackageId, packages: PackageCache) -> PackageId | None:
    return cached_version(other, packages) or _highest(other.name, packages, "")


def _highest(name: str, packages: PackageCache, prefix: str) -> PackageId | None:
    fitting = [version for version in packages.versions(name) if version.startswith(prefix)]
    return PackageId(name, max(fitting, key=version_order)) if fitting else None


def _prefix(version: str) -> str | None:
    if version in ("latest", "current", "dev", "*"):
        return ""
    return version.removesuffix("x") if version.endswith(".x") else None
