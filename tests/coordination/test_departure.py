"""How the end of a stay is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fhir_server.coordination.departure import DEATH, FOLLOWED, PATIENT, WAYS, departure
from fhir_server.coordination.follow_up import DISCHARGE_DESTINATION

PACKAGE = Path(__file__).parents[2] / "profiles" / "package"
DESTINATIONS = json.loads((PACKAGE / "CodeSystem-discharge-destination.json").read_text(encoding="utf-8"))["concept"]


def stay(code: str | None) -> dict[str, Any]:
    coding = [{"system": DISCHARGE_DESTINATION, "code": code}] if code else []
    return {"resourceType": "Encounter", "status": "finished", "hospitalization": {"dischargeDisposition": {"coding": coding}}}


def test_every_destination_of_the_guide_has_its_words() -> None:
    assert {one["code"] for one in DESTINATIONS} - {*WAYS, DEATH} == {"other"}
    assert WAYS.keys() <= {one["code"] for one in DESTINATIONS}


@pytest.mark.parametrize("code", [None, "other", "unheard-of"])
def test_where_the_hospital_says_nothing_nothing_is_guessed(code: str | None) -> None:
    assert departure(stay(code), PATIENT) == "Votre patient a quitté l’hôpital. / Your patient has left hospital."


def test_nobody_who_died_has_left() -> None:
    assert departure(stay(DEATH), FOLLOWED) == (
        "Décès d’une personne que vous suivez à l’hôpital. / A person whom you follow died in hospital."
    )
