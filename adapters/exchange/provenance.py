"""Where what an adapter writes comes from: a Provenance in the same transaction (https://hl7.org/fhir/R4/provenance.html).

Its target is everything that the message changed, its agent the sender, its entity the message as it is kept in the inbox.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from adapters.endpoint import InboxMessage, Resource
from fhir_server.model.inbox_reference import INBOX_SYSTEM, SENDER_SYSTEM

_CONVERTED = {"coding": [{"system": "https://passerelle.care/fhir/CodeSystem/provenance-activity", "code": "converted"}]}
FULL_URL = "urn:uuid:3c8a1f52-7d0e-4b6b-9a41-5e2d8c7f9b10"
"""A transaction has one Provenance of ours, so that it needs no name that no other has."""
_PARTICIPANT = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"


def with_provenance(bundle: Resource, message: InboxMessage, moment: int) -> Resource:
    """The transaction with one entry more; `moment` in microseconds since 1970-01-01 UTC."""
    targets = [{"reference": entry["fullUrl"]} for entry in bundle["entry"] if entry.get("fullUrl")]
    if not targets:
        return bundle
    entry = {"fullUrl": FULL_URL, "resource": _provenance(targets, message, moment), "request": {"method": "POST", "url": "Provenance"}}
    return {**bundle, "entry": [*bundle["entry"], entry]}


def _provenance(targets: list[dict[str, Any]], message: InboxMessage, moment: int) -> Resource:
    named = f" {message.key}" if message.key else ""
    return {
        "resourceType": "Provenance",
        "target": targets,
        "recorded": datetime.fromtimestamp(moment / 1_000_000, UTC).isoformat(timespec="milliseconds"),
        "activity": _CONVERTED,
        "agent": [
            _agent("author", {"identifier": {"system": SENDER_SYSTEM, "value": message.sender}, "display": message.sender}),
            _agent("assembler", {"display": "Passerelle"}),
        ],
        "entity": [
            {
                "role": "source",
                "what": {
                    "identifier": {"system": INBOX_SYSTEM, "value": str(message.number)},
                    "display": f"{message.channel} message{named}",
                },
            }
        ],
    }


def _agent(kind: str, who: dict[str, Any]) -> dict[str, Any]:
    return {"type": {"coding": [{"system": _PARTICIPANT, "code": kind}]}, "who": who}
