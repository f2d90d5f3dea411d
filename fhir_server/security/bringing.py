"""What a client must be allowed to do to bring messages: they write in the server's name, so its own rights are looked at before."""

from __future__ import annotations

from collections.abc import Iterable

from fhir_server.security.client import Client
from fhir_server.security.scope import Scope

WRITTEN = ("Patient", "Encounter")
"""What the messages of a hospital always write."""


def may_bring(client: Client, sender: str) -> bool:
    """True for a client whose scopes suffice: about all persons where it is `whole`, else in the name of a sender that is registered as its
    own."""
    return (client.whole or sender in client.senders) and suffice(client.scopes)


def suffice(scopes: Iterable[Scope]) -> bool:
    """True where system scopes let patients and stays be created and updated, whichever they are."""
    system = [scope for scope in scopes if scope.context == "system" and not scope.filters]
    return all(any(one.covers(name, "c") for one in system) and any(one.covers(name, "u") for one in system) for name in WRITTEN)
