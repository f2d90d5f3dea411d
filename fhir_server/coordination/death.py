"""After a death nobody is called: the calls after discharge that are still open are withdrawn, and say why."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from fhir_server.coordination.follow_up import FOLLOW_UP_SYSTEM, TASK_CODES
from fhir_server.coordination.reconcile import OPEN, Reader, Reason, reconciled
from fhir_server.model.json_format import Resource


def has_died(patient: Resource) -> bool:
    """Whether the record says that the person died (Patient.deceased[x])."""
    return patient.get("deceasedBoolean") is True or "deceasedDateTime" in patient


async def calls_withdrawn(patient_ids: list[str], apart: Collection[str], reader: Reader) -> list[dict[str, Any]]:
    """The Bundle entries that withdraw the open calls of a person who died, those of the stays `apart` (their keys) left out."""
    patient = ("patient", ",".join(f"Patient/{id_}" for id_ in patient_ids))
    found = await reader.search("Task", [patient, ("code", f"{TASK_CODES}|discharge-follow-up"), ("status", OPEN["Task"])])
    keys = {one.get("value") for task in found for one in task.get("identifier", ()) if one.get("system") == FOLLOW_UP_SYSTEM}
    wanted = dict.fromkeys(sorted(key for key in keys if key and key not in apart), Reason.DIED)
    return await reconciled("Task", FOLLOW_UP_SYSTEM, wanted, reader) if wanted else []
