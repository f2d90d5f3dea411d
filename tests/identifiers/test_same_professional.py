"""Practitioners are one person by a number and a family name, never by a number alone."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest

from fhir_server.identifiers import same_professional


def doctor(family: str | None, given: str | None = None, number: str = "10199900027") -> dict[str, Any]:
    name = {**({"family": family} if family else {}), **({"given": [given]} if given else {})}
    return {
        "resourceType": "Practitioner",
        "identifier": [{"system": "https://rpps.esante.gouv.fr", "value": number}],
        **({"name": [name]} if name else {}),
    }


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (doctor("Réault-Lê", "Anne"), doctor("REAULT LE", "ANNE"), True),
        (doctor("Durand", "Anne"), doctor("Durand"), True),
        (doctor("Durand", "A."), doctor("Durand", "Anne"), True),
        (doctor("Durand", "Anne"), doctor("Durand", "Paul"), False),
        (doctor("Durand"), doctor("Dupont"), False),
        (doctor("Durand"), doctor("Durand-Martin"), False),
        (doctor("Durand"), doctor(None), False),
        (doctor(None), doctor(None), False),
        (doctor(None, "Anne"), doctor(None, "Anne"), False),
        (doctor("Durand"), doctor("Durand", number="10199900019"), False),
        ({"identifier": [{}], **doctor("Durand")}, {"name": [{"family": "Durand"}]}, False),
    ],
)
def test_the_number_and_the_name_decide_together(one: dict[str, Any], other: dict[str, Any], same: bool) -> None:
    assert same_professional(one, other) is same
    assert same_professional(other, one) is same


def test_the_three_persons_of_an_official_discharge_letter_stay_three() -> None:
    """LDL-SES: its author, its legal authenticator and another person of it all have 801234567897."""
    letter = [doctor(family, number="801234567897") for family in ("DAVID", "AUGUIN", "BOILEAU")]
    assert [same_professional(one, other) for one, other in combinations(letter, 2)] == [False, False, False]
