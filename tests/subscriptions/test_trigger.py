"""Laws of every trigger: nothing new never fires, nothing is looked up, an error is no event and quotes nobody."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from fhir_server.definitions.definitions import Definitions, load_definitions
from fhir_server.demo.stories import story, story_names
from fhir_server.fhirpath import compile_expression
from fhir_server.model.json_format import decode_json
from fhir_server.subscriptions.topic import Topic
from fhir_server.subscriptions.topics import load_topics
from fhir_server.subscriptions.trigger import INTERACTIONS, Interaction, Trigger, unchanged

Resource = dict[str, Any]
EXAMPLES = Path(__file__).parents[2] / "profiles" / "examples"
TOPICS: Mapping[str, Topic] = load_topics(load_definitions())
FOCUSES = [
    one
    for one in [
        *(entry["resource"] for name in story_names() for entry in story(name)["entry"]),
        *(decode_json(path.read_bytes()) for path in sorted(EXAMPLES.glob("*/good/*.json"))),
    ]
    if any(one["resourceType"] in topic.resources for topic in TOPICS.values())
]
META = st.fixed_dictionaries(
    {"versionId": st.integers(1, 99).map(str), "lastUpdated": st.just("2026-03-01T10:00:00.000Z")},
    optional={"tag": st.just([{"system": "urn:x", "code": "seen"}]), "security": st.just([{"code": "R"}]), "profile": st.just(["urn:p"])},
)


def fired(previous: Resource | None, current: Resource | None, interaction: Interaction) -> list[str]:
    return [url for url, topic in TOPICS.items() if topic.triggered(previous, current, interaction)]


def test_there_are_focuses_of_every_topic() -> None:
    assert {one["resourceType"] for one in FOCUSES} == {name for topic in TOPICS.values() for name in topic.resources}
    assert len(FOCUSES) > 100


@given(st.sampled_from(FOCUSES), META, META, st.randoms(use_true_random=False))
def test_a_change_of_nothing_never_fires(resource: Resource, before: Resource, after: Resource, random: Any) -> None:
    shuffled = list(resource.items())
    random.shuffle(shuffled)
    assert fired({**resource, "meta": before}, {**copy.deepcopy(dict(shuffled)), "meta": after}, "update") == []


@given(st.sampled_from(FOCUSES))
def test_no_topic_fires_for_a_deletion(resource: Resource) -> None:
    assert fired(resource, None, "delete") == []


STATUSES = st.sampled_from(["planned", "arrived", "in-progress", "onleave", "finished", "cancelled", "entered-in-error", "unknown"])


@given(st.lists(STATUSES, min_size=1, max_size=12))
def test_each_discharge_and_each_one_taken_back_is_told_once(statuses: list[str]) -> None:
    """Whatever a stay goes through: as often as it becomes finished, and as often as it is so no more."""
    stays = [
        None,
        *({"resourceType": "Encounter", "status": one, "class": {"code": "IMP"}, "length": {"value": n}} for n, one in enumerate(statuses)),
    ]
    told = [name.rpartition("/")[2] for before, after in pairwise(stays) for name in fired(before, after, "update" if before else "create")]
    steps = list(pairwise([None, *statuses]))
    assert told.count("discharge-received") == sum(after == "finished" != before for before, after in steps)
    undone = [before == "finished" != after for before, after in steps]
    never = [
        before in ("in-progress", "onleave") and after in ("cancelled", "entered-in-error", "planned", "unknown") for before, after in steps
    ]
    assert told.count("stay-taken-back") == sum(map(max, undone, never))


MEMBERS = st.frozensets(st.sampled_from("abcd"))


@given(MEMBERS, MEMBERS, MEMBERS)
def test_a_circle_is_news_exactly_when_who_is_in_it_changes(before: frozenset[str], after: frozenset[str], left: frozenset[str]) -> None:
    def circle(members: frozenset[str], gone: frozenset[str] = frozenset()) -> Resource:
        open_ = [{"member": {"reference": f"PractitionerRole/{one}"}, "period": {"start": "2026-01-01"}} for one in members]
        ended = [
            {"member": {"reference": f"PractitionerRole/{one}"}, "period": {"start": "2025-01-01", "end": "2025-12-31"}} for one in gone
        ]
        return {"resourceType": "CareTeam", "status": "active", "participant": [*open_, *ended]}

    assert bool(fired(circle(before), circle(after, left), "update")) is (before != after)


@given(st.sampled_from(FOCUSES), st.sampled_from(FOCUSES), st.sampled_from(INTERACTIONS))
def test_any_two_versions_are_answered(previous: Resource, current: Resource, interaction: Interaction) -> None:
    with capture_logs() as logged:
        fired(previous, current, interaction)
    assert logged == []


def trigger(criterion: str | None, definitions: Definitions, *interactions: Interaction) -> Trigger:
    compiled = criterion and compile_expression(criterion, definitions.schema)
    return Trigger("Somebody moves.", "Patient", frozenset(interactions or INTERACTIONS), compiled or None)


MARTIN = {"resourceType": "Patient", "name": [{"family": "Martin"}, {"family": "Martin-Durand"}], "active": True}


@pytest.mark.parametrize(
    ("criterion", "expected"),
    [
        (None, True), ("%current.active", True), ("%current.active.not()", False), ("active", True),
        ("%current.deceased", False), ("%current.name.family.first()", False), ("%current.active | false", False), ("'true'", False),
        ("%previous.exists()", False), ("%current.exists()", True),
    ],
)  # fmt: skip
def test_a_criterion_fires_when_it_is_exactly_true(definitions: Definitions, criterion: str | None, expected: bool) -> None:
    assert trigger(criterion, definitions).fires(None, MARTIN, "create") is expected


def test_without_a_criterion_the_interaction_decides(definitions: Definitions) -> None:
    deleted = trigger(None, definitions, "delete")
    assert deleted.fires(MARTIN, None, "delete")
    assert not deleted.fires(None, MARTIN, "create")
    assert not deleted.fires(MARTIN, {**MARTIN, "active": False}, "update")


def test_of_a_deletion_the_version_before_is_the_root(definitions: Definitions) -> None:
    assert trigger("active and %current.empty() and %previous.active", definitions).fires(MARTIN, None, "delete")


def test_another_type_and_nothing_at_all_do_not_fire(definitions: Definitions) -> None:
    every = trigger(None, definitions)
    assert not every.fires(None, {"resourceType": "Person"}, "create")
    assert not every.fires(None, None, "update")


def test_a_criterion_that_fails_is_no_event_and_is_logged_without_data(definitions: Definitions) -> None:
    with capture_logs() as logged:
        assert not trigger("%current.name.family.startsWith('Martin')", definitions).fires(None, MARTIN, "create")
    (line,) = logged
    assert line["log_level"] == "warning"
    assert (line["trigger"], line["type"]) == ("Somebody moves.", "Patient")
    assert "Martin" not in str(line)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"meta": {"versionId": "2"}}, True), ({"text": {"status": "generated", "div": "<div/>"}}, True), ({}, True),
        ({"text": {"status": "additional", "div": "<div/>"}}, False), ({"active": False}, False), ({"language": "fr"}, False),
        ({"_active": {"id": "x"}}, False),
    ],
)  # fmt: skip
def test_what_counts_as_unchanged(change: Resource, expected: bool) -> None:
    assert unchanged(MARTIN, {**MARTIN, **change}) is expected
