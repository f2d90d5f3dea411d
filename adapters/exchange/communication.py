"""What became of a message, told by its Communication (https://hl7.org/fhir/R4/communication.html), in the commit that settles it.

`in-progress` with `sent`: on its way; `completed` with `received`: who receives it has it; `not-done` with the reason: a dead letter.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from adapters.endpoint import FhirEndpoint, OutboxMessage, Outcome, Resource
from fhir_server.model.issue import Category, FhirError

ATTEMPTS = 5
COMMUNICATION = "Communication"


async def tell(endpoint: FhirEndpoint, message: OutboxMessage, outcome: Outcome, delivered: bool) -> bool:
    """Commit the outcome with what the Communication says of it; False, and nothing done, where there is no such Communication. CONFLICT
    where the message is another worker's by now: what that one finds is told."""
    type_name, _, id_ = message.about.partition("/")
    for attempt in range(1, ATTEMPTS + 1):
        known = await endpoint.read(type_name, id_) if type_name == COMMUNICATION else None
        if known is None:
            return False
        try:
            await endpoint.transaction(_replacing(known, told(known, outcome, delivered)), outcome=outcome)
        except FhirError as error:
            if error.category not in (Category.CONFLICT, Category.PRECONDITION) or attempt == ATTEMPTS:
                raise
        else:
            return True
    raise AssertionError("unreachable")


def told(communication: Resource, outcome: Outcome, delivered: bool) -> Resource:
    """The Communication with the status that the outcome gives it."""
    now = datetime.fromtimestamp(outcome.now / 1_000_000, UTC).isoformat(timespec="milliseconds")
    changed = {name: value for name, value in communication.items() if name not in ("statusReason", "received")}
    if outcome.status == "dead":
        return changed | {"status": "not-done", "statusReason": {"text": outcome.note}}
    sent = {"sent": communication.get("sent", now)}
    return changed | sent | ({"status": "completed", "received": now} if delivered else {"status": "in-progress"})


def _replacing(known: Resource, changed: Resource) -> dict[str, Any]:
    url = f"{COMMUNICATION}/{known['id']}"
    request = {"method": "PUT", "url": url, "ifMatch": f'W/"{known["meta"]["versionId"]}"'}
    return {"resourceType": "Bundle", "type": "transaction", "entry": [{"fullUrl": url, "resource": changed, "request": request}]}
