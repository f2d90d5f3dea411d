"""A store with two persons: all that is one's alone bears SECRET, what is kept bears KEPT."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from fhir_server.assembly import Parts, put_together
from fhir_server.definitions.definitions import Definitions
from fhir_server.settings import Settings
from fhir_server.store.audit import AuditEntry
from fhir_server.store.outbox import OutboxEntry
from fhir_server.store.store import Store

SECRET, KEPT = "Zyxsecretzyx", "Zyxkeptzyx"
IDENTIFIER = "299017512345678"


def about(person: str) -> dict[str, str]:
    return {"reference": f"Patient/{person}"}


RESOURCES: list[dict[str, Any]] = [
    {"resourceType": "Patient", "id": "a", "identifier": [{"system": "urn:oid:1.2", "value": IDENTIFIER}], "name": [{"family": SECRET}],
        "deceasedDateTime": "2001-02-03"},
    {"resourceType": "Patient", "id": "ab", "name": [{"family": KEPT}]},
    {"resourceType": "Practitioner", "id": "p", "name": [{"family": KEPT}]},
    {"resourceType": "Observation", "id": "o", "status": "final", "code": {"text": SECRET}, "subject": about("a"),
        "performer": [{"reference": "Practitioner/p"}]},
    {"resourceType": "Observation", "id": "other", "status": "final", "code": {"text": KEPT}, "subject": about("ab")},
    {"resourceType": "Task", "id": "t", "status": "requested", "intent": "order", "description": SECRET, "for": about("a")},
    {"resourceType": "Binary", "id": "file", "contentType": "text/plain", "data": base64.b64encode(SECRET.encode()).decode()},
    {"resourceType": "DocumentReference", "id": "d", "status": "current", "subject": about("a"), "description": SECRET,
        "content": [{"attachment": {"url": "Binary/file"}}]},
    {"resourceType": "Group", "id": "g", "type": "person", "actual": True, "name": KEPT,
        "member": [{"entity": about("a")}, {"entity": about("ab")}]},
    {"resourceType": "List", "id": "l", "status": "current", "mode": "working", "title": KEPT, "entry": [{"item": about("a")}]},
]  # fmt: skip


@pytest.fixture
def parts(store: Store, definitions: Definitions, run: Callable[[Any], Any]) -> Parts:
    made = put_together(definitions, store, Settings())
    run(_fill(made))
    return made


async def _fill(parts: Parts) -> None:
    interactions = parts.interactions
    for resource in RESOURCES:
        await interactions.update(resource["resourceType"], resource["id"], dict(resource))
    # an earlier version under another person's name, one that was corrected, and one that was deleted
    await interactions.update("Observation", "o", RESOURCES[3] | {"status": "amended", "note": [{"text": SECRET}]})
    condition = {"resourceType": "Condition", "id": "moved", "subject": about("a"), "code": {"text": SECRET}}
    await interactions.update("Condition", "moved", condition)
    await interactions.update("Condition", "moved", condition | {"subject": about("ab"), "code": {"text": KEPT}})
    flag = {"resourceType": "Flag", "id": "gone", "status": "active", "code": {"text": SECRET}, "subject": about("a")}
    await interactions.update("Flag", "gone", flag)
    await interactions.delete("Flag", "gone")
    await parts.store.inbox.receive("hl7v2", "GAM|CHU", "1", f"PID|1||{IDENTIFIER}^^^||{SECRET}".encode(), 1)
    await parts.store.inbox.receive("hl7v2", "GAM|CHU", "2", f"PID|1||{IDENTIFIER}9^^^||{KEPT}".encode(), 1)
    letters = [OutboxEntry("gp", about, text.encode(), lane=f"Patient/{about}") for about, text in (("a", SECRET), ("ab", KEPT))]
    await parts.store.outbox.add(letters)
    searched = AuditEntry(1, "search-type", "E", subject="nurse", query=f"family={SECRET}")
    seen = AuditEntry(2, "read", "R", subject="nurse", name="Léa <Roy>", entities=(("Patient", "a", 1),), patients=("a",))
    await parts.store.audit.record([searched, seen])
