"""The demonstration keeps to the guide: each resource is valid against the profile that fits it, and the forms are there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fhir_server.assembly import put_together
from fhir_server.definitions.definitions import Definitions
from fhir_server.demo import demonstration
from fhir_server.model.issue import Issue
from fhir_server.model.json_format import decode_resource
from fhir_server.settings import Settings
from fhir_server.store.sqlite import SqliteStore
from fhir_server.validation.validator import Validator

GUIDE = "https://passerelle.care/fhir/"
RESOURCES = [entry["resource"] for entry in demonstration()["entry"]]
SCREENING = f"{GUIDE}Questionnaire/screening-has-2014"
FORMS = ["assessment", "goals-and-satisfaction", "inclusion-has-2014", "post-discharge-call", "scoring-grid", "screening-has-2014"]
MORE_SPECIAL = {
    "Consent": "consent-care-team",
    "Encounter": "encounter-stay",
    "Patient": "patient-ins",
    "ServiceRequest": "referral",
    "Task/demo-plan-validation": "plan-validation",
    "Task/demo-referral-task": "referral-task",
}
"""What is not called after its type; for the others `CareTeam` is `care-team`."""


def name(resource: dict[str, Any]) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def expected_profile(resource: dict[str, Any]) -> str:
    words = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in resource["resourceType"]).strip("-")
    return f"{GUIDE}StructureDefinition/passerelle-{MORE_SPECIAL.get(name(resource)) or MORE_SPECIAL.get(resource['resourceType'], words)}"


@pytest.fixture(scope="module")
def findings(definitions: Definitions) -> list[Issue]:
    """Of the whole transaction, so that references are followed to what they name."""
    return list(Validator(definitions).validate(demonstration()))


def told(found: Iterable[Issue]) -> list[str]:
    return [f"{one.expression}: {one.diagnostics}" for one in found]


@pytest.mark.parametrize("resource", RESOURCES, ids=name)
def test_a_resource_claims_the_profile_of_the_guide_that_fits_it(resource: dict[str, Any]) -> None:
    assert resource["meta"]["profile"] == [expected_profile(resource)]


def test_every_resource_is_valid_against_the_profile_it_claims(definitions: Definitions, findings: list[Issue]) -> None:
    claimed = {profile for resource in RESOURCES for profile in resource["meta"]["profile"]}
    assert [profile for profile in claimed if definitions.resolve(profile) is None] == []
    assert told(one for one in findings if one.is_error) == []


def test_the_story_names_nobody_who_is_not_in_it() -> None:
    there = {name(resource) for resource in RESOURCES}
    assert {one for one in _references(RESOURCES) if not one.startswith("#")} <= there, "what begins with # stands within the same resource"


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict) and isinstance(value.get("reference"), str):
        yield value["reference"]
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _references(one)


def test_the_screening_answers_the_form_of_the_guide_and_says_what_the_form_works_out(findings: list[Issue]) -> None:
    (screening,) = (resource for resource in RESOURCES if resource["resourceType"] == "QuestionnaireResponse")
    assert screening["questionnaire"].partition("|")[0] == SCREENING
    assert {item["linkId"]: item["answer"][0] for item in screening["item"] if "answer" in item and item["linkId"] != "purpose"} == {
        "yes-count": {"valueInteger": 4},
        "outcome": {"valueString": "referral"},
    }
    assert told(one for one in findings if one.message_id and one.message_id.startswith(("answer-", "item-", "questionnaire-"))) == []


def test_the_forms_of_the_guide_are_stored_under_their_canonical_urls(
    tmp_path: Path, definitions: Definitions, run: Callable[[Awaitable[Any]], Any]
) -> None:
    async def stored() -> list[dict[str, Any]]:
        store = SqliteStore(tmp_path / "store.db")
        parts = put_together(definitions, store, Settings(data=tmp_path))
        await parts.interactions.transaction(demonstration())
        page = await parts.interactions.search("Questionnaire", [])
        await store.close()
        return [decode_resource(one.content) for one in page.matches]

    forms = run(stored())
    assert sorted(form["url"] for form in forms) == [f"{GUIDE}Questionnaire/{form}" for form in FORMS]
    assert {form["id"] for form in forms} == set(FORMS)
