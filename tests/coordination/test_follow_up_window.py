"""The Task after a discharge, where the message tells the day of the discharge less exactly than usual."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from fhir_server.coordination.follow_up import DISCHARGE_DISPOSITION
from fhir_server.coordination.stay import opened


class Followed:
    """Everybody has a care team."""

    async def search(self, type_name: str, parameters: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
        return [{"resourceType": "CareTeam"}] if type_name == "CareTeam" else []


@pytest.mark.parametrize(
    ("end", "window"),
    [
        ("2026-11-23T10:00:00+01:00", {"start": "2026-11-23", "end": "2026-12-23"}),
        ("2026-11-23", {"start": "2026-11-23", "end": "2026-12-23"}),
        ("2026-11", None),
        ("2026", None),
    ],
)
def test_a_task_is_opened_however_exact_the_end_of_the_stay_is(end: str, window: dict[str, str] | None) -> None:
    home = {"coding": [{"system": DISCHARGE_DISPOSITION, "code": "home"}]}
    stay = {"resourceType": "Encounter", "id": "e", "status": "finished", "period": {"end": end}}
    stay["hospitalization"] = {"dischargeDisposition": home}
    entries = asyncio.run(opened(stay, None, {"resourceType": "Patient", "id": "p"}, "p", Followed(), datetime.now(UTC)))
    (entry,) = (one for one in entries if one["resource"]["resourceType"] == "Task")
    assert entry["resource"]["authoredOn"] == end
    assert entry["resource"].get("restriction") == (window and {"period": window})
