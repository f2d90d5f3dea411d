"""Whether somebody may send messages in the name that they bear: MSH-3 and MSH-4 are only what the sender says."""

from __future__ import annotations

from dataclasses import dataclass

from fhir_server.security.client import Client, Clients
from fhir_server.security.proxy_certificate import is_within, networks


@dataclass(frozen=True, slots=True)
class Shown:
    """What a connection shows of who is at its other end: the client of its key or certificate (""), and the address it comes from."""

    client: str = ""
    address: str = ""


class SenderRefused(Exception):
    """A message in a name that the connection has no right to. Its text names what to register, and no patient."""


def sending_client(sender: str, shown: Shown, clients: Clients, now: float, *, required: bool) -> Client | None:
    """The client that sends as `sender` (MSH-3|MSH-4).

    A registered sender is believed from its own client only, by key, certificate or address, also where authentication is off; one
    that nobody registered is believed unless authentication is `required` (None), or where a client without senders shows itself.
    """
    owners = clients.by_sender.get(sender, ())
    for client in owners:
        if client.counts(now) and _is_from(client, shown):
            return client
    if owners:
        raise SenderRefused(
            f"{sender} is registered for another sender than this one; it comes from {shown.address or 'an unknown address'}. "
            f"Register the key, certificate or address by `passerelle clients`."
        )
    shower = clients.by_id.get(shown.client)
    if shower is not None and shower.counts(now) and not shower.senders:
        return shower
    if required:
        raise SenderRefused(f"{sender} is not registered; `passerelle clients add --sender '{sender}'` does that.")
    return None


def _is_from(client: Client, shown: Shown) -> bool:
    return shown.client == client.id or (bool(shown.address) and is_within(shown.address, networks(client.addresses)))
