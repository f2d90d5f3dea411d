"""Business versions: which one a canonical reference or a dependency means, which one is higher
(https://hl7.org/fhir/R4/references.html#canonical, https://confluence.hl7.org/display/FHIR/NPM+Package+Specification)."""

from __future__ import annotations

Order = tuple[tuple[int, ...], bool, str]


def fits(version: str | None, asked: str) -> bool:
    """True for the very version, and for one that goes on where the asked one ends: 4.0.1 fits 4.0."""
    return version is not None and (version == asked or version.startswith(asked + "."))


def version_order(version: str) -> Order:
    """A key to sort versions by: numbers as numbers, a release after its pre-releases (2.1.9 < 2.1.10, 2.0.0-ballot < 2.0.0)."""
    release, _, label = version.partition("-")
    return tuple(int(part) if part.isdecimal() else 0 for part in release.split(".")), not label, label
