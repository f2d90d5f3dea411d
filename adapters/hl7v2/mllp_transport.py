"""The engine's messages by MLLP (`adapters.exchange.transport.Transport`): what each acknowledgement means for a message (HL7 2.5, 2.9.2).

Of an answer only codes and places are kept, never its sentences: they may quote the patient.
"""

from __future__ import annotations

from zlib import crc32

from adapters.endpoint import OutboxMessage
from adapters.exchange.transport import Answer, Later, Receipt, Refused
from adapters.hl7v2.acknowledgement import may_come_again
from adapters.hl7v2.client import MllpClient, Place
from adapters.hl7v2.message import Message, Segment
from adapters.hl7v2.mllp import END, START
from fhir_server.model.issue import FhirError

ASKED_FOR_NONE = "sent; no acknowledgement was asked for"
SAYS_NOTHING = frozenset(("206", "207"))
"""Table 0357: locked, internal error. They say nothing against the message."""
MOST_ERRORS = 5


class MllpTransport:
    """To one partner over so many `connections`; what belongs together (a lane) goes over one and the same, in its order.

    `until_applied`: wait for the application acknowledgement where the message asks for it beside the accept acknowledgement (MSH-16), for
    partners that send it on the same connection.
    """

    def __init__(self, place: Place, *, connections: int = 1, patience: float = 30.0, until_applied: bool = False):
        self._clients = [MllpClient(place, patience) for _ in range(connections)]
        self._until_applied = until_applied

    async def deliver(self, message: OutboxMessage) -> Answer:
        if START in message.body or END in message.body:
            return Refused("the message holds the marks that frame it (VT, FS CR)")
        client = self._clients[crc32(message.lane.encode()) % len(self._clients)]
        exchange = client.exchange_all if self._until_applied else client.exchange
        return answer_of(await exchange(message.body))

    async def close(self) -> None:
        for client in self._clients:
            await client.close()


def answer_of(reply: bytes) -> Answer:
    """What an acknowledgement means for the message."""
    if not reply:
        return Receipt(ASKED_FOR_NONE, delivered=False)
    try:
        message = Message.parse(reply)
    except FhirError:
        return Later("answered with something that is no HL7 message")
    code = message.text("MSA", 1)
    if code in ("AA", "CA"):
        return Receipt(f"{code} {message.text('MSH', 10)[:60]}".strip(), delivered=code == "AA")
    said = " ".join([code[:2], *(_error(one) for one in message.all("ERR")[:MOST_ERRORS])])
    if code == "CE" or may_come_again(reply) or any(one.text(3) in SAYS_NOTHING for one in message.all("ERR")):
        return Later(f"answered {said}", unreachable=False)
    if code in ("AE", "AR", "CR"):
        return Refused(f"answered {said}")
    return Later("answered with something that is no acknowledgement")


def _error(error: Segment) -> str:
    """ERR-3 and ERR-2: `102 PID-7`."""
    code, segment, field = error.text(3)[:10], error.text(2, 1)[:3], error.text(2, 3)[:4]
    place = f"{segment}-{field}" if field else segment
    return f"{code} {place}".strip()
