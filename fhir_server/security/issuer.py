"""An authorisation server outside whose tokens count here: what an operator trusts it to say (docs/security.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from fhir_server.security.algorithm import KINDS
from fhir_server.security.jwk_set import UnusableKeys, read_jwk_set
from fhir_server.security.scope import Scope
from fhir_server.security.scopes import read_scopes

PRO_SANTE_CONNECT = "pro-sante-connect"
RPPS = "https://rpps.esante.gouv.fr"
IDNAT_PS = "urn:oid:1.2.250.1.71.4.2.1"
"""The national identifier of professionals: every one has it, with RPPS or without; it is compared as it comes and not taken apart."""
_OF_KIND: Mapping[str, dict[str, Any]] = {
    "smart": {"smart_scopes": True},
    PRO_SANTE_CONNECT: {
        "smart_scopes": False,
        "acr": ["eidas1"],
        "identifiers": {"SubjectNameID": IDNAT_PS, "otherIds[RPPS]": RPPS},
    },
}


class IssuerError(ValueError):
    """A description of an issuer that cannot be used: which, what is wrong, and what to write."""


class Issuer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`scope` is the most that its tokens give. With `smart_scopes` a token's own scopes, `fhirUser` and `patient` count within that;
    without, its persons have the whole of `scope`, and are found in the record by `identifiers` (claim -> system of the identifier).

    `audience` are values of `aud` that are meant for this server (none: its FHIR base), `clients` the software that may bring its tokens
    (`azp` or `client_id`; none: any), `acr` the levels of authentication that suffice (none: any). `jwks` and `introspection_secret` are
    the contents of what a file of issuers names as `jwks_file` and `introspection_secret_file`.
    """

    issuer: str
    scope: str
    name: str = ""
    kind: str = "smart"
    algorithms: tuple[str, ...] = ("RS256", "RS384", "PS256", "PS384", "ES256", "ES384")
    audience: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    acr: tuple[str, ...] = ()
    smart_scopes: bool = True
    identifiers: dict[str, str] = {}
    tenant: str = ""
    jwks: str = ""
    jwks_url: str = ""
    introspection_url: str = ""
    introspection_client: str = ""
    introspection_secret: str = ""

    @property
    def scopes(self) -> tuple[Scope, ...]:
        return read_scopes(self.scope).scopes


def _no_file(name: str) -> str:
    raise FileNotFoundError(name)


def read_issuers(tables: Mapping[str, Any], content: Callable[[str], str] = _no_file) -> dict[str, Issuer]:
    """The issuers of a file, by their `iss`; each table's name is what the issuer is called in logs and audit. IssuerError.

    `content` reads the files that the tables name; OSError where one cannot be read.
    """
    found = [_read(name, _with_files(name, table, content)) for name, table in tables.items()]
    by_issuer = {one.issuer: one for one in found}
    if len(by_issuer) != len(found):
        raise IssuerError("two tables name the same issuer; give each issuer one")
    if sum(bool(one.introspection_url) for one in found) > 1:
        raise IssuerError("two issuers have an introspection_url, and an opaque token does not say whose it is; keep one")
    return by_issuer


def _with_files(name: str, table: Any, content: Callable[[str], str]) -> Any:
    """The table with the contents of the files it names."""
    if not isinstance(table, dict):
        return table
    files = {key: value for key, value in table.items() if key in ("jwks_file", "introspection_secret_file")}
    try:
        read = {key.removesuffix("_file"): content(str(value)).strip() for key, value in files.items()}
    except OSError as error:
        raise IssuerError(f"[{name}] {' or '.join(files)} cannot be read: {error.strerror or 'no such file'}") from None
    return {key: value for key, value in table.items() if key not in files} | read


def _read(name: str, table: Any) -> Issuer:
    if not isinstance(table, dict):
        raise IssuerError(f"{name} must be a table: [{name}] with issuer = ... below it")
    kind = table.get("kind", "smart")
    if kind not in _OF_KIND:
        raise IssuerError(f"[{name}] kind must be {' or '.join(_OF_KIND)}")
    try:
        issuer = msgspec.convert({**_OF_KIND[kind], **table, "name": name}, Issuer)
    except msgspec.ValidationError as error:
        raise IssuerError(f"[{name}] {error}") from None
    _check(issuer)
    return issuer


def _check(issuer: Issuer) -> None:
    if unknown := set(issuer.algorithms) - KINDS.keys():
        raise IssuerError(f"[{issuer.name}] algorithms: {', '.join(sorted(unknown))} cannot be allowed; choose among {', '.join(KINDS)}")
    if (read := read_scopes(issuer.scope)).unknown or not read.scopes:
        raise IssuerError(f"[{issuer.name}] scope: {' '.join(read.unknown) or 'nothing'} is no scope; write user/*.rs and the like")
    for url in filter(None, (issuer.issuer, issuer.jwks_url, issuer.introspection_url)):
        if not is_safe_url(url):
            raise IssuerError(f"[{issuer.name}] {url[:200]}: write an https:// URL")
    if issuer.jwks:
        try:
            read_jwk_set(issuer.jwks.encode())
        except UnusableKeys as error:
            raise IssuerError(f"[{issuer.name}] jwks: {error}") from None


def is_safe_url(url: str) -> bool:
    """True for https, and for http on this machine, where nobody listens in between."""
    return url.startswith(("https://", "http://127.0.0.1:", "http://localhost:", "http://[::1]:")) and not any(c.isspace() for c in url)
