"""Software that may call: what an operator registered of it (`passerelle clients`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from fhir_server.security.caller import Actor, Caller, Role
from fhir_server.security.scope import Scope
from fhir_server.security.scopes import read_scopes


@dataclass(frozen=True, slots=True)
class Client:
    """`jwks` is a JWKS as JSON, `jwks_url` where the client publishes its own; `keys` and `certificates` are SHA-256 in hexadecimal digits.

    `senders` are those of HL7 v2 messages that are this client's, as MSH-3|MSH-4; `addresses` the networks it may send them from without a
    key. Times are seconds since 1970. The other fields are those of `Caller`.
    """

    id: str
    name: str
    scope: str
    jwks: str = ""
    jwks_url: str = ""
    keys: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()
    senders: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    actors: tuple[Actor, ...] = ()
    whole: bool = False
    tenant: str = ""
    roles: tuple[Role, ...] = ()
    created: int = 0
    expires: int | None = None
    revoked: int | None = None

    def counts(self, now: float) -> bool:
        """False once it was revoked or has expired."""
        return self.revoked is None and (self.expires is None or now < self.expires)

    def ends(self, otherwise: float) -> float:
        """Until when what it shows counts, if it would count until `otherwise`."""
        return min(otherwise, self.expires) if self.expires is not None else otherwise

    @property
    def scopes(self) -> tuple[Scope, ...]:
        return read_scopes(self.scope).scopes

    def caller(self, scopes: tuple[Scope, ...] | None = None) -> Caller:
        """Who it is in a request, with what it may do at most or with `scopes` of a token."""
        return Caller(
            self.id, self.id, self.scopes if scopes is None else scopes, self.name, frozenset(self.actors), None,
            self.tenant, self.whole, frozenset(self.roles),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Clients:
    """All that are registered, found by what they show; those that no longer count are found by their id only."""

    by_id: dict[str, Client]
    by_key: dict[str, Client] = field(default_factory=dict)
    by_certificate: dict[str, Client] = field(default_factory=dict)
    by_sender: dict[str, tuple[Client, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, clients: Iterable[Client]) -> Clients:
        listed = list(clients)
        valid = [client for client in listed if client.revoked is None]
        senders: dict[str, tuple[Client, ...]] = {}
        for client in listed:  # a revoked one's senders stay its own: nobody else may speak in their name
            for sender in client.senders:
                senders[sender] = (*senders.get(sender, ()), client)
        return cls(
            {client.id: client for client in listed},
            {digest: client for client in valid for digest in client.keys},
            {digest: client for client in valid for digest in client.certificates},
            senders,
        )
