"""What a client must be allowed to do to bring messages: they write in the server's name, so its own rights are looked at before."""

from __future__ import annotations

from fhir_server.security.client import Client

WRITTEN = ("Patient", "Encounter")
"""What the messages of a hospital always write."""


def may_bring(client: Client, sender: str) -> bool:
    """True for a client whose system scopes let it create and update patients and stays, about all persons where it is `whole`, else in the
    name of a sender that is registered as its own."""
    return (client.whole or sender in client.senders) and all(_writes(client, name) for name in WRITTEN)


def _writes(client: Client, type_name: str) -> bool:
    granted = {
        permission
        for scope in client.scopes
        if scope.context == "system" and not scope.filters
        for permission in ("c", "u")
        if scope.covers(type_name, permission)
    }
    return granted == {"c", "u"}
