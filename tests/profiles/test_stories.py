"""The five stories: whole pathways as transactions, every resource valid against the profile that it claims."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fhir_server.identifiers import CREATED, resource_issues
from fhir_server.model.json_format import decode_json
from tests.profiles.test_examples import validator

FOLDER = Path(__file__).parents[2] / "profiles" / "stories"
PAGE = FOLDER / "README.md"
STORIES = sorted(FOLDER.glob("*.json"))
NAMES = ("cerebral-injury", "hospital-to-home", "obesity-x-ailes", "palliative-care-at-home", "precariousness-and-psychiatry")
GUIDE = "https://passerelle.care/fhir/StructureDefinition/"
WITHOUT_PROFILE = {"Binary"}
PATHWAY = {
    "patient-ins", "questionnaire-response", "referral", "referral-task", "consent-care-team", "episode-of-care", "care-team", "care-plan",
    "goal", "social-provision", "aid-request", "aid-task", "reevaluation", "feedback-due", "communication", "document-reference",
    "provenance", "appointment",
}  # fmt: skip
"""What each story shows."""

TARGET = re.compile("[A-Z][A-Za-z]+/")

EVERYWHERE = pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)

Resource = dict[str, Any]


def resources(path: Path) -> list[Resource]:
    return [entry["resource"] for entry in json.loads(path.read_bytes())["entry"]]


def of_type(path: Path, kind: str) -> list[Resource]:
    return [one for one in resources(path) if one["resourceType"] == kind]


def address(resource: Resource) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def references(value: Any) -> Iterator[str]:
    """Every reference to another resource, and the address of every attachment."""
    if isinstance(value, dict):
        yield from (said for name, said in value.items() if name in ("reference", "url") and TARGET.match(str(said)))
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from references(inner)


def claimed(resource: Resource) -> set[str]:
    return {url.removeprefix(GUIDE + "passerelle-") for url in resource.get("meta", {}).get("profile", ())}


def test_there_are_five() -> None:
    assert [path.stem for path in STORIES] == list(NAMES)


@EVERYWHERE
def test_every_resource_is_valid_and_claims_a_profile_of_ours(path: Path) -> None:
    claims = {address(one): claimed(one) for one in resources(path) if one["resourceType"] not in WITHOUT_PROFILE}
    assert [place for place, profiles in claims.items() if not profiles] == []
    for one in decode_json(path.read_bytes())["entry"]:
        found = [(issue.expression, issue.diagnostics) for issue in validator().validate(one["resource"]) if issue.is_error]
        assert found == [], address(one["resource"])


@EVERYWHERE
def test_the_bundle_itself_is_valid(path: Path) -> None:
    assert [issue for issue in validator().validate(decode_json(path.read_bytes())) if issue.is_error] == []


@EVERYWHERE
def test_identifiers_are_those_that_we_would_send(path: Path) -> None:
    assert [(address(one), issue.diagnostics) for one in resources(path) for issue in resource_issues(one, CREATED)] == []


@EVERYWHERE
def test_every_reference_leads_to_a_resource_of_the_story(path: Path) -> None:
    here = {address(one) for one in resources(path)}
    assert {target.partition("/_history/")[0] for target in references(resources(path))} - here == set()


@EVERYWHERE
def test_it_can_be_loaded_again_as_each_resource_is_put_at_its_own_address(path: Path) -> None:
    for entry in json.loads(path.read_bytes())["entry"]:
        assert entry["request"] == {"method": "PUT", "url": address(entry["resource"])}
        assert entry["fullUrl"].endswith("/" + address(entry["resource"]))


@EVERYWHERE
def test_a_story_is_a_whole_pathway(path: Path) -> None:
    assert PATHWAY - {profile for one in resources(path) for profile in claimed(one)} == set()


@EVERYWHERE
def test_somebody_left_the_circle(path: Path) -> None:
    (circle,) = of_type(path, "CareTeam")
    assert [one for one in circle["participant"] if "end" in one["period"]]


def test_somebody_returned_to_the_circle() -> None:
    assert {path.stem for path in STORIES if 2 in entries_of_members(path).values()} == set(NAMES) - {"hospital-to-home"}


def entries_of_members(path: Path) -> Counter[str]:
    return Counter(one["member"]["reference"] for circle in of_type(path, "CareTeam") for one in circle["participant"])


@EVERYWHERE
def test_a_message_was_sent_delivered_integrated_and_read_each_at_its_time(path: Path) -> None:
    assert [one for one in of_type(path, "Communication") if list(steps(one)) == ["delivered", "integrated", "read"]]
    for one in of_type(path, "Communication"):
        assert [one["sent"], *steps(one).values()] == sorted([one["sent"], *steps(one).values()])


def steps(communication: Resource) -> dict[str, str]:
    """The time of each step."""
    parts = [{part["url"]: part for part in one["extension"]} for one in communication["extension"]]
    return {one["step"]["valueCode"]: one["time"]["valueDateTime"] for one in parts}


@EVERYWHERE
def test_documents_are_what_their_entries_say(path: Path) -> None:
    contents = {address(one): base64.b64decode(one["data"]) for one in of_type(path, "Binary")}
    for one in of_type(path, "DocumentReference"):
        attachment = one["content"][0]["attachment"]
        content = contents[attachment["url"]]
        assert attachment["size"] == len(content)
        assert base64.b64decode(attachment["hash"]) == hashlib.sha1(content).digest()


def test_no_two_stories_share_a_resource_or_an_identifier() -> None:
    taken = Counter(name for path in STORIES for name in {*map(address, resources(path)), *identifiers(path)})
    assert [name for name, stories in taken.items() if stories > 1] == []


def identifiers(path: Path) -> set[str]:
    every = [one.get("identifier", []) for one in resources(path)]
    return {f"{one['system']}|{one['value']}" for found in every for one in (found if isinstance(found, list) else [found])}


@EVERYWHERE
def test_the_page_tells_it(path: Path) -> None:
    assert f"## `{path.stem}`" in PAGE.read_text(encoding="utf-8")


def test_the_page_names_only_what_is_there() -> None:
    named = re.findall("`([A-Z][A-Za-z]+/[a-z0-9-]+)`", PAGE.read_text(encoding="utf-8"))
    assert named
    assert set(named) - {address(one) for path in STORIES for one in resources(path)} == set()
