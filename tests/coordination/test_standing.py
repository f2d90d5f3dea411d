"""Who follows a person now, by the periods of teams, episodes and members."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from fhir_server.coordination.follow_up import coordinator
from fhir_server.coordination.standing import holds, standing

NOW = datetime(2026, 12, 1, 23, 30, tzinfo=ZoneInfo("Europe/Paris"))


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        (None, True),
        ({}, True),
        ({"start": "2026-12-01"}, True),
        ({"start": "2026-12-02"}, False),
        ({"start": "2026-12-01T23:31:00+01:00"}, False),
        ({"end": "2026-11-30"}, False),
        ({"end": "2026-12-01"}, True),
        ({"end": "2026-12"}, True),
        ({"end": "2026-12-01T22:29:59Z"}, False),
        ({"end": "2026-12-01T22:30:00Z"}, True),
        ({"end": "2027"}, True),
        ({"start": "2026-01-01", "end": "2026-11-30"}, False),
        ({"start": "2026-01-01", "end": "2027-01-01"}, True),
        ({"start": "2027-01-01", "end": "2027-06-01"}, False),
    ],
)
def test_a_period_holds_from_its_start_to_its_end(period: dict[str, Any] | None, expected: bool) -> None:
    assert holds(period, NOW) is expected
    team = {"resourceType": "CareTeam"} | ({"period": period} if period is not None else {})
    assert bool(standing([team], NOW)) is expected


def member(name: str, **period: str) -> dict[str, Any]:
    return {"role": [{"coding": [{"code": "330"}]}], "member": {"reference": name}} | ({"period": period} if period else {})


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ([member("a", end="2027-01-31"), member("b")], "a"),
        ([member("a", end="2026-11-30"), member("b")], "b"),
        ([member("a", start="2027-01-01"), member("b")], "b"),
        ([member("a", end="2026-11-30")], "manager"),
    ],
)
def test_the_coordinator_is_the_first_who_is_there_now(members: list[dict[str, Any]], expected: str) -> None:
    team = {"resourceType": "CareTeam", "participant": members, "managingOrganization": [{"reference": "manager"}]}
    assert coordinator(standing([team], NOW)) == {"reference": expected}
