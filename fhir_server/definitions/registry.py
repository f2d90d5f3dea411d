"""A FHIR package registry over HTTP: GET {registry}/{name}/{version} gives the .tgz
(https://confluence.hl7.org/display/FHIR/FHIR+Package+Registry+User+Documentation).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import httpx

from fhir_server.definitions.package import MAX_TOTAL_BYTES
from fhir_server.model.issue import Category, fault
from fhir_server.security.outgoing import Outgoing

SECONDS = 600.0
"""So long a package may take to come."""


@dataclass(frozen=True, slots=True)
class PackageRegistry:
    """Where packages are fetched, the only hosts that may be asked, redirections included, and the networks inside they may lie in."""

    url: str = "https://packages.fhir.org"
    allowed_hosts: tuple[str, ...] = ("packages.fhir.org",)
    transport: httpx.AsyncBaseTransport | None = None
    allowed_networks: tuple[str, ...] = ()

    def fetch(self, name: str, version: str, target: Path) -> None:
        """Write the package's .tgz to `target`. Raises FhirError: FORBIDDEN (the host), NOT_FOUND, BUSY (no answer), TOO_LARGE."""
        address = f"{self.url.rstrip('/')}/{quote(name, safe='')}/{quote(version, safe='')}"
        outgoing = Outgoing(self.allowed_hosts, self.allowed_networks, seconds=SECONDS, transport=self.transport)
        status = outgoing.download(address, target, MAX_TOTAL_BYTES)
        if status == 404:
            raise fault(Category.NOT_FOUND, "not-found", f"{address}: the registry has no such package.")
        if status != 200:
            raise fault(Category.BUSY, "transient", f"{address} cannot be fetched: the registry answered {status}.")
