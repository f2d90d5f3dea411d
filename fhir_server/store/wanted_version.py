"""The versions that a change may be made to (https://hl7.org/fhir/R4/http.html#concurrency, RFC 9110, 13.1.1)."""

from __future__ import annotations

from dataclasses import dataclass

from fhir_server.model.phrase import alternatives, phrase


@dataclass(frozen=True, slots=True)
class WantedVersion:
    """One of these numbers, or with None any version that stands (`If-Match: *`)."""

    numbers: frozenset[int] | None = None

    def is_met(self, version: int, deleted: bool) -> bool:
        """True where a resource that stands, or stood, at this version may be changed."""
        return not deleted if self.numbers is None else version in self.numbers

    def __str__(self) -> str:
        if self.numbers is None:
            return phrase("any version")
        return phrase("version {numbers}", numbers=alternatives(map(str, sorted(self.numbers))))


ANY_VERSION = WantedVersion()


def wanted(version: int | WantedVersion) -> WantedVersion:
    """A single number, as the server's own parts ask for it, as what it means."""
    return version if isinstance(version, WantedVersion) else WantedVersion(frozenset((version,)))
