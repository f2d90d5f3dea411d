"""After a death nobody is called: the calls after discharge that are still open are withdrawn, and say why. One that was told by mistake
brings them back."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from fhir_server.coordination.follow_up import FOLLOW_UP_SYSTEM, TASK_CODES
from fhir_server.coordination.reconcile import OPEN, WITHDRAWN, Reader, Reason, Scope, reconciled
from fhir_server.model.json_format import Resource


def has_died(patient: Resource) -> bool:
    """Whether the record says that the person died (Patient.deceased[x])."""
    return patient.get("deceasedBoolean") is True or "deceasedDateTime" in patient


async def calls_withdrawn(patient_ids: list[str], apart: Collection[str], reader: Reader) -> list[dict[str, Any]]:
    """The Bundle entries that withdraw the open calls of a person who died, those of the stays `apart` (their keys) left out."""
    found = await _calls(patient_ids, OPEN["Task"], reader)
    keys = {one.get("value") for task in found for one in task.get("identifier", ()) if one.get("system") == FOLLOW_UP_SYSTEM}
    wanted = dict.fromkeys(sorted(key for key in keys if key and key not in apart), Reason.DIED)
    scope = Scope(frozenset(f"Patient/{id_}" for id_ in patient_ids))
    return await reconciled("Task", FOLLOW_UP_SYSTEM, wanted, reader, scope) if wanted else []


async def stays_of_calls_withdrawn(patient_ids: list[str], reader: Reader) -> list[dict[str, Any]]:
    """References to the stays whose calls were withdrawn because the person had died."""
    found = await _calls(patient_ids, WITHDRAWN["Task"], reader)
    return [task["encounter"] for task in found if task.get("statusReason") == Reason.DIED.concept and task.get("encounter")]


async def _calls(patient_ids: list[str], status: str, reader: Reader) -> list[Resource]:
    patient = ("patient", ",".join(f"Patient/{id_}" for id_ in patient_ids))
    return await reader.search("Task", [patient, ("code", f"{TASK_CODES}|discharge-follow-up"), ("status", status)])
