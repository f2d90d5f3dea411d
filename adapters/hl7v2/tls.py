"""TLS for MLLP, on either side, with certificates of both where wanted (IHE ITI TF-2 3.19, Authenticate Node: mutual, TLS 1.2 or later)."""

from __future__ import annotations

import ssl
from pathlib import Path

from fhir_server.model.issue import Category, FhirError, fault


def server_context(certificate: Path, key: Path, authorities: Path | None = None) -> ssl.SSLContext:
    """What a listener shows; with `authorities` it lets in only who shows a certificate of theirs. FhirError names a file that is wrong."""
    context = _context(ssl.PROTOCOL_TLS_SERVER)
    _show(context, certificate, key)
    if authorities is not None:
        _trust(context, authorities)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def client_context(authorities: Path | None = None, certificate: Path | None = None, key: Path | None = None) -> ssl.SSLContext:
    """What a sender trusts (default: the system's authorities) and, where asked for one, the certificate that it shows."""
    context = _context(ssl.PROTOCOL_TLS_CLIENT)
    if authorities is None:
        context.load_default_certs()
    else:
        _trust(context, authorities)
    if certificate is not None:
        _show(context, certificate, key or certificate)
    return context


def _context(protocol: ssl._SSLMethod) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _show(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ValueError) as error:  # an SSLError is an OSError
        raise _unusable(f"{certificate} and {key}", "a certificate chain and its private key without a password", error) from None


def _trust(context: ssl.SSLContext, authorities: Path) -> None:
    try:
        context.load_verify_locations(authorities)
    except (OSError, ValueError) as error:
        raise _unusable(str(authorities), "certificates of authorities", error) from None


def _unusable(files: str, wanted: str, error: Exception) -> FhirError:
    reason = getattr(error, "strerror", None) or error
    return fault(Category.INVALID, "security", f"{files}: {reason}. Needed as PEM: {wanted}.")
