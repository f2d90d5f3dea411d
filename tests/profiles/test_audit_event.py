"""What this server writes of an access to a person's record keeps to the guide's profile."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_server.model.json_format import Resource
from tests.audit.test_event import CASES, event
from tests.profiles.test_examples import validator

PROFILE = "https://passerelle.care/fhir/StructureDefinition/passerelle-audit-event"
EVENTS = [event(entry) for entry, _ in CASES if entry.patients]


@pytest.mark.parametrize("entry", EVENTS, ids=lambda entry: f"{entry['subtype'][-1]['code']}-{entry['outcome']}")
def test_an_entry_of_the_trail_about_a_person_keeps_to_the_profile(entry: Resource) -> None:
    given: dict[str, Any] = entry | {"meta": {"profile": [PROFILE]}}
    assert [issue for issue in validator().validate(given) if issue.is_error] == []
