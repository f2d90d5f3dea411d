"""Whether a server with these settings may be reached: never by callers that nobody knows, nor in the clear."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterator

from fhir_server.settings.error import SettingsError
from fhir_server.settings.settings import Settings


def require_protection(settings: Settings) -> None:
    """Refuse to be reached from the network by callers that nobody knows, or in the clear. Raises SettingsError saying what to do."""
    is_encrypted = bool(settings.proxy_addresses or settings.tls_certificate)
    _require_protected("host", settings.host, settings, is_encrypted)
    if settings.mllp:
        is_encrypted = bool(settings.proxy_addresses or settings.mllp_tls_certificate)
        _require_protected("mllp_host", settings.mllp_host, settings, is_encrypted)
    for wrong in _contradictions(settings):
        raise SettingsError(wrong)


def _require_protected(name: str, address: str, settings: Settings, is_encrypted: bool) -> None:
    if is_loopback(address):
        return
    reached = f"{name}: {address or 'every address'} can be reached from the network"
    if settings.authentication == "off":
        raise SettingsError(f"{reached}, and callers are not authenticated. Use 127.0.0.1, or set authentication = required.")
    if not is_encrypted:
        own = "tls_certificate and tls_key" if name == "host" else "mllp_tls_certificate and mllp_tls_key"
        raise SettingsError(f"{reached} in the clear. Use 127.0.0.1, or set {own}, or proxy_addresses to the proxy in front that does TLS.")


_CERTIFICATE_FILES = ("tls_certificate", "tls_key", "mllp_tls_certificate", "mllp_tls_key", "mllp_client_authorities")


def _contradictions(settings: Settings) -> Iterator[str]:
    """Settings that mean nothing without others."""
    yield from _incomplete_tls(settings)
    if settings.authentication == "required" and not settings.base_url and not is_loopback(settings.host):
        yield "base_url: tokens are bound to the address that callers use, so authentication = required needs it (https://HOST/fhir)."
    if settings.client_certificate_header and not settings.proxy_addresses:
        yield "client_certificate_header: anyone could send that header; set proxy_addresses to the proxies that it is believed from."


def _incomplete_tls(settings: Settings) -> Iterator[str]:
    for prefix in ("", "mllp_"):
        if (getattr(settings, f"{prefix}tls_certificate") is None) != (getattr(settings, f"{prefix}tls_key") is None):
            yield f"{prefix}tls_certificate and {prefix}tls_key belong together; set both or neither."
    if settings.mllp_client_authorities is not None and settings.mllp_tls_certificate is None:
        yield "mllp_client_authorities: certificates are shown over TLS only; set mllp_tls_certificate and mllp_tls_key."
    for name in _CERTIFICATE_FILES:
        if (file := getattr(settings, name)) is not None and not os.access(file, os.R_OK):
            yield f"{name}: {file} is not there or cannot be read."


def is_loopback(address: str) -> bool:
    """True for 127.0.0.0/8, ::1 and `localhost`; any other name could mean anything."""
    try:
        return address == "localhost" or ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
