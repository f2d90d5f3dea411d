"""What an operator chose about authentication, and the addresses that tokens are bound to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from fhir_server.security.client_assertion import ALGORITHMS
from fhir_server.security.issuer import Issuer
from fhir_server.security.network_address import is_loopback_name
from fhir_server.security.proxy_certificate import Networks
from fhir_server.security.refusal import Refusal

FHIR = "/fhir"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server is: `root` issues its tokens, `base` is whom they are for."""

    root: str
    base: str

    @property
    def token_url(self) -> str:
        return f"{self.root}/auth/token"


@dataclass(frozen=True, slots=True)
class Protection:
    """`certificate_header` is the name, in lower case, of the header in which a proxy of `proxies` tells of a client's certificate."""

    base_url: str | None = None
    algorithms: frozenset[str] = ALGORITHMS
    issuers: Mapping[str, Issuer] = field(default_factory=dict)
    proxies: Networks = ()
    certificate_header: bytes = b""

    def place(self, scheme: str, host: str, root_path: str) -> Place:
        """As the operator wrote it; without that, as this machine calls itself. What a caller calls it is believed of no other name:
        a token or an assertion meant for one server would be good at every other."""
        return _configured(self.base_url) if self.base_url else _on_this_machine(scheme, host, root_path)


@lru_cache(maxsize=16)
def _configured(base_url: str) -> Place:
    return Place(base_url.rstrip("/").removesuffix(FHIR), base_url.rstrip("/"))


@lru_cache(maxsize=64)
def _on_this_machine(scheme: str, host: str, root_path: str) -> Place:
    if not is_loopback_name(_name(host)):
        raise Refusal("invalid_request", "The operator has to set base_url before this server can be asked by this name.")
    root = f"{scheme}://{host}{root_path.removesuffix(FHIR)}"
    return Place(root, root + FHIR)


def _name(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]
