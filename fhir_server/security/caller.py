"""Who asks: made once for a request by authentication, and the only thing that access is decided from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from fhir_server.security.scope import ALL_PERMISSIONS, Scope

Actor = tuple[str, str]
"""Resource type and id of who somebody is in the record: ("Practitioner", "x"), ("PractitionerRole", "y"), ("Organization", "z")."""

Role = Literal["administrator", "data-protection-officer"]
ADMINISTRATOR: Role = "administrator"


@dataclass(frozen=True, slots=True)
class Caller:
    """`subject` names who is responsible (a client's id, or the `sub` of a person), `client` the software; neither is a secret.

    `actors` are what the caller is in the record: the care circle, referrals and consents are looked up by them. `whole` is for software
    that serves the whole of its tenant (a hospital's own system); without it, and without `patient`, only what the circle allows is seen.
    `purpose` is why access is asked for (an emergency), where the caller says so.
    """

    subject: str
    client: str
    scopes: tuple[Scope, ...]
    name: str = ""
    actors: frozenset[Actor] = frozenset()
    patient: str | None = None
    tenant: str = ""
    whole: bool = False
    roles: frozenset[Role] = frozenset()
    purpose: str | None = None

    def acting(self, actors: frozenset[Actor]) -> Caller:
        """The same, known in the record as these too."""
        return replace(self, actors=self.actors | actors)


EVERYTHING = (Scope("system", "*", ALL_PERMISSIONS),)

NOBODY = Caller("nobody", "nobody", ())
"""Who asks for what everyone may see: what the server can do, and how to show who one is."""

OPEN = Caller("anonymous", "anonymous", EVERYTHING, "anyone on this machine", whole=True, roles=frozenset([ADMINISTRATOR]))
"""Everybody, where the server listens on loopback only and authenticates nobody."""

ITSELF = Caller("passerelle", "passerelle", EVERYTHING, "Passerelle", whole=True)
"""The server's own work: adapters, jobs without a caller, reindexing."""


def recognised(caller: Caller) -> Caller:
    """A caller who was written down and read again: everybody and nobody are the same as before."""
    return next((one for one in (OPEN, NOBODY) if one == caller), caller)
