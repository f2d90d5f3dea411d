"""The call that the server opens after a discharge is a passerelle-follow-up-call."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from fhir_server.coordination.follow_up import DISCHARGE_DISPOSITION
from fhir_server.coordination.stay import opened
from tests.profiles.test_examples import validator

PROFILE = "https://passerelle.care/fhir/StructureDefinition/passerelle-follow-up-call"


class Followed:
    """Everybody has a care team with a coordinator."""

    async def search(self, type_name: str, parameters: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
        coordinator = {"role": [{"coding": [{"code": "330"}]}], "member": {"reference": "PractitionerRole/c"}}
        return [{"resourceType": "CareTeam", "participant": [coordinator]}] if type_name == "CareTeam" else []


@pytest.mark.parametrize("end", ["2026-11-23T10:00:00+01:00", "2026-11-23", "2026-11", None])
def test_the_task_that_a_discharge_opens_meets_its_profile(end: str | None) -> None:
    home = {"coding": [{"system": DISCHARGE_DISPOSITION, "code": "home"}]}
    stay = {"resourceType": "Encounter", "id": "e", "status": "finished", "hospitalization": {"dischargeDisposition": home}}
    stay |= {"period": {"end": end}} if end else {}
    entries = asyncio.run(opened(stay, None, {"resourceType": "Patient", "id": "p"}, "p", Followed(), datetime.now(UTC)))
    (entry,) = (one for one in entries if one["resource"]["resourceType"] == "Task")
    task = {**entry["resource"], "meta": {"profile": [PROFILE]}}
    assert [issue for issue in validator().validate(task) if issue.is_error] == []
