"""A Consent about the DMP says who feeds and reads the national record: it opens and closes nothing here."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from fhir_server.model.json_format import Resource
from fhir_server.search.sight.grants import Grants
from tests.access.people import consent

DMP = {"coding": [{"system": "https://passerelle.care/fhir/CodeSystem/dmp-use", "code": "feeding"}]}
SHARING = {"coding": [{"system": "https://passerelle.care/fhir/CodeSystem/consent-basis", "code": "inside-care-team"}]}


def granted(category: list[Any], says: str, *actors: str) -> list[str]:
    told: Resource = consent("c", "p", says, *actors) | {"category": category}
    return [one.kind for one in Grants(ZoneInfo("Europe/Paris")).of(told, "c")]


@pytest.mark.parametrize(
    ("category", "expected"), [([DMP], []), ([SHARING], ["deny"]), ([DMP, SHARING], ["deny"]), ([], ["deny"])],
    ids=["the DMP", "sharing", "both", "not told"],
)  # fmt: skip
def test_an_objection_keeps_out_where_it_is_about_what_is_here(category: list[Any], expected: list[str]) -> None:
    assert granted(category, "deny") == expected


@pytest.mark.parametrize(("category", "expected"), [([DMP], []), ([SHARING], ["permit"])], ids=["the DMP", "sharing"])
def test_who_may_read_the_dmp_may_not_for_that_read_what_is_here(category: list[Any], expected: list[str]) -> None:
    assert granted(category, "permit", "Organization/hospital") == expected
