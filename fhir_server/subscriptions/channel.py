"""The ways on which notifications go (https://hl7.org/fhir/R4/valueset-subscription-channel-type.html). Whoever adds one adds a line.

A channel that is `queued` has its notifications delivered by the outbox, a destination for each Subscription; of another one the events
are only logged, for those who listen to read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.security.outgoing import Outgoing
from fhir_server.subscriptions.subscription import Asked

_ENDPOINT, _PAYLOAD = "Subscription.channel.endpoint", "Subscription.channel.payload"
PAYLOADS = ("application/fhir+json", "application/fhir+xml")
_SHORT = {"json": PAYLOADS[0], "application/json": PAYLOADS[0], "xml": PAYLOADS[1], "application/xml": PAYLOADS[1]}


@dataclass(frozen=True, slots=True)
class Channel:
    """`check` raises FhirError (INVALID) where what is asked cannot be sent this way."""

    check: Callable[[Asked, Outgoing], None]
    queued: bool = True


def payload_type(asked: Asked) -> str:
    """The media type in full; "" where no payload is asked for. A topic's notification always has one."""
    plain = asked.payload.partition(";")[0].strip().lower()
    return _SHORT.get(plain, plain) or (PAYLOADS[0] if asked.topic else "")


def channel_of(asked: Asked) -> Channel:
    """INVALID where there is none such."""
    if (found := CHANNELS.get(asked.channel)) is None:
        known = ", ".join(CHANNELS)
        raise fault(
            Category.INVALID, "not-supported", _LATER.get(asked.channel, f"Channels here are {known}."), "Subscription.channel.type"
        )
    return found


def is_queued(asked: Asked) -> bool:
    """False also for a channel that is not known any more."""
    channel = CHANNELS.get(asked.channel)
    return channel is not None and channel.queued


def _rest_hook(asked: Asked, outgoing: Outgoing) -> None:
    """An address that may be asked, as every other of this server."""
    if not asked.endpoint:
        sentence = "A rest-hook needs an endpoint: the https address that is told. Who cannot be reached asks for a websocket."
        raise fault(Category.INVALID, "required", sentence, _ENDPOINT)
    try:
        outgoing.check(asked.endpoint)
    except FhirError as error:
        raise fault(Category.INVALID, "security", str(error), _ENDPOINT) from None
    if payload_type(asked) not in ("", *PAYLOADS):
        raise fault(Category.INVALID, "not-supported", f"Payloads here are {' and '.join(PAYLOADS)}, or none.", _PAYLOAD)


def _websocket(asked: Asked, _: Outgoing) -> None:
    """Who listens connects, so there is nothing to be reached. R4's own has no content but a ping."""
    if asked.criteria is not None and asked.payload:
        sentence = "By criteria a socket is told that something matches, and not what: leave the payload out, or ask for a topic."
        raise fault(Category.INVALID, "not-supported", sentence, _PAYLOAD)
    if payload_type(asked) not in ("", *PAYLOADS):
        raise fault(Category.INVALID, "not-supported", f"Payloads here are {' and '.join(PAYLOADS)}.", _PAYLOAD)


CHANNELS: Mapping[str, Channel] = {"rest-hook": Channel(_rest_hook), "websocket": Channel(_websocket, queued=False)}

_LATER = {
    "email": "Notifications by e-mail come with the secure mail of this server; until then use rest-hook or websocket.",
    "sms": "This server sends no text messages; use rest-hook.",
    "message": "Notifications as FHIR messages are not offered; use rest-hook with a topic.",
}
