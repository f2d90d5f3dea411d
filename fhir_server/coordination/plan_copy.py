"""A care plan that goes to a partner: the Communication that says to whom, and what became of it (profile passerelle-communication)."""

from __future__ import annotations

import uuid
from typing import Any

from fhir_server.coordination.stay_notice import CHANNELS, TOPICS
from fhir_server.model.inbox_reference import SENDER_SYSTEM
from fhir_server.model.json_format import Resource

PLAN_COPY_SYSTEM = "https://passerelle.care/fhir/identifier/plan-copy"
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, PLAN_COPY_SYSTEM)


def plan_copy_id(partner: str, plan_id: str, version: int) -> str:
    """The id of the Communication that tells of a version of a plan sent to a partner: whoever knows these knows it."""
    return str(uuid.uuid5(_NAMESPACE, f"{partner} {plan_id} {version}"))


def plan_copy(plan: Resource, partner: str, recipient: str, document: str) -> Resource:
    """In preparation until the partner has it. It belongs to whom the plan belongs to, and is hidden from whom the plan is hidden from.

    `recipient`: the name that the partner has in its protocol; `document`: the number under which it gets this version.
    """
    version = int(plan["meta"]["versionId"])
    said: Resource = {
        "resourceType": "Communication",
        "id": plan_copy_id(partner, plan["id"], version),
        "identifier": [{"system": PLAN_COPY_SYSTEM, "value": f"{partner}#{document}"}],
        "status": "preparation",
        "medium": [{"coding": [{"system": CHANNELS, "code": "interface"}]}],
        "subject": plan["subject"],
        "topic": {"coding": [{"system": TOPICS, "code": "plan-copy"}]},
        "about": [{"reference": f"CarePlan/{plan['id']}"}],
        "recipient": [_named(recipient)],
        "sender": {"type": "Device", "display": "Passerelle"},
        "payload": [{"contentString": SENT.format(version=version, document=document)}],
    }
    kept = {name: plan["meta"][name] for name in ("security", "tag") if plan["meta"].get(name)}
    return {**said, "meta": kept} if kept else said


SENT = "Plan personnalisé, version {version}, document {document}. / Care plan, version {version}, document {document}."


def _named(sender: str) -> dict[str, Any]:
    return {"type": "Organization", "identifier": {"system": SENDER_SYSTEM, "value": sender}, "display": sender.replace("|", " ")}
