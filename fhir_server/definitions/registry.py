"""A FHIR package registry over HTTP: GET {registry}/{name}/{version} gives the .tgz
(https://confluence.hl7.org/display/FHIR/FHIR+Package+Registry+User+Documentation).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit

import httpx

from fhir_server.definitions.package import MAX_TOTAL_BYTES
from fhir_server.model.issue import Category, fault

TIMEOUT = httpx.Timeout(30.0, connect=3.0)
MAX_REDIRECTS = 3


@dataclass(frozen=True, slots=True)
class PackageRegistry:
    """Where packages are fetched, and the only hosts that may be asked, redirections included."""

    url: str = "https://packages.fhir.org"
    allowed_hosts: tuple[str, ...] = ("packages.fhir.org",)
    transport: httpx.BaseTransport | None = None

    def fetch(self, name: str, version: str, target: Path) -> None:
        """Write the package's .tgz to `target`. Raises FhirError: FORBIDDEN (the host), NOT_FOUND, BUSY (no answer)."""
        address = f"{self.url.rstrip('/')}/{quote(name, safe='')}/{quote(version, safe='')}"
        try:
            with httpx.Client(timeout=TIMEOUT, transport=self.transport) as client:
                self._download(client, address, target)
        except httpx.HTTPError as error:
            raise fault(Category.BUSY, "transient", f"{address} cannot be fetched: {str(error) or type(error).__name__}.") from None

    def _download(self, client: httpx.Client, address: str, target: Path) -> None:
        for _ in range(MAX_REDIRECTS + 1):
            self._require_allowed(address)
            with client.stream("GET", address) as answer:
                if not answer.is_redirect:
                    return _save(answer, target)
                address = urljoin(address, answer.headers["location"])
        raise fault(Category.BUSY, "transient", f"{address}: redirected more than {MAX_REDIRECTS} times.")

    def _require_allowed(self, address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme not in ("https", "http") or parts.hostname not in self.allowed_hosts:
            raise fault(
                Category.FORBIDDEN, "forbidden",
                f"Passerelle may not connect to {parts.hostname or address} for {address}. "
                "If it should, add the host to the setting allowed_hosts.",
            )  # fmt: skip


def _save(answer: httpx.Response, target: Path) -> None:
    if answer.status_code == 404:
        raise fault(Category.NOT_FOUND, "not-found", f"{answer.url}: the registry has no such package.")
    answer.raise_for_status()
    with target.open("wb") as stream:
        for chunk in _capped(answer):
            stream.write(chunk)


def _capped(answer: httpx.Response) -> Iterator[bytes]:
    total = 0
    for chunk in answer.iter_bytes():
        total += len(chunk)
        if total > MAX_TOTAL_BYTES:
            raise fault(Category.TOO_LARGE, "too-costly", f"{answer.url}: longer than {MAX_TOTAL_BYTES} bytes; it was not kept.")
        yield chunk
