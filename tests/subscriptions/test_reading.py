"""A topic that cannot be carried out is refused, with the file, the place and the reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fhir_server.definitions.definitions import Definitions
from fhir_server.subscriptions.reading import TopicFault, topic_of
from fhir_server.subscriptions.topics import files_of, load_topics

Resource = dict[str, Any]


def sound() -> Resource:
    return {
        "resourceType": "SubscriptionTopic",
        "url": "https://gp.example/SubscriptionTopic/goal-reached",
        "title": "Goal reached",
        "_title": {"extension": [translation("Objectif atteint")]},
        "status": "active",
        "description": "A goal is reached.",
        "resourceTrigger": [{
            "description": "The status changes.", "resource": "Goal", "supportedInteraction": ["update"],
            "fhirPathCriteria": "%current.lifecycleStatus = 'completed' and %previous.lifecycleStatus = 'active'",
        }],
        "canFilterBy": [{"description": "One person.", "resource": "Goal", "filterParameter": "patient", "modifier": ["not"]}],
        "notificationShape": [{"resource": "Goal", "include": ["Goal:subject:Patient"]}],
    }  # fmt: skip


def translation(french: str) -> Resource:
    parts = [{"url": "lang", "valueCode": "fr"}, {"url": "content", "valueString": french}]
    return {"url": "http://hl7.org/fhir/StructureDefinition/translation", "extension": parts}


def test_a_topic_says_what_it_does(definitions: Definitions) -> None:
    topic = topic_of(json.dumps(sound()).encode(), "goal.json", definitions)
    assert topic.title == {"en": "Goal reached", "fr": "Objectif atteint"}
    assert topic.description == {"en": "A goal is reached.", "fr": "A goal is reached."}
    assert topic.resources == ("Goal",)
    assert (found := topic.filter("Goal", "patient")) is not None
    assert found.modifiers == {"not"}
    assert topic.filter("Goal", "category") is None
    assert topic.filter("Task", "patient") is None
    goal = {"resourceType": "Goal", "lifecycleStatus": "completed", "subject": {"reference": "Patient/1"}}
    assert topic.triggered({**goal, "lifecycleStatus": "active"}, goal, "update")
    assert not topic.triggered(None, goal, "create")
    assert topic.includes(goal) == ["Patient/1"]
    assert topic.includes({**goal, "subject": {"reference": "Group/1"}}) == []
    assert topic.includes({**goal, "resourceType": "Task"}) == []


TRIGGER, FILTER, SHAPE = "resourceTrigger[0]", "canFilterBy[0]", "notificationShape[0]"


@pytest.mark.parametrize(
    ("path", "value", "place", "why"),
    [
        (["resourceType"], "Basic", "resourceType", "SubscriptionTopic is wanted"),
        (["url"], None, "url", "a text is wanted"),
        (["description"], "", "description", "a text is wanted"),
        (["resourceTrigger"], [], "resourceTrigger", "at least one"),
        (["resourceTrigger"], {}, "resourceTrigger", "a list is wanted"),
        (["resourceTrigger", 0], "x", TRIGGER, "an object is wanted"),
        (["eventTrigger"], [{}], "eventTrigger", "not carried out"),
        (["resourceTrigger", 0, "queryCriteria"], {"current": "status=x"}, f"{TRIGGER}.queryCriteria", "not carried out"),
        (["resourceTrigger", 0, "resource"], "Gaol", f"{TRIGGER}.resource", "Gaol is no type"),
        (["resourceTrigger", 0, "resource"], "Resource", f"{TRIGGER}.resource", "Resource is no type"),
        (["resourceTrigger", 0, "supportedInteraction"], ["read"], f"{TRIGGER}.supportedInteraction[0]", "create, delete, update"),
        (["resourceTrigger", 0, "fhirPathCriteria"], "%current.status = ", f"{TRIGGER}.fhirPathCriteria", "column"),
        (["resourceTrigger", 0, "fhirPathCriteria"], "%current.stat = 'x'", f"{TRIGGER}.fhirPathCriteria", "no element stat"),
        (["resourceTrigger", 0, "fhirPathCriteria"], "%curent.exists()", f"{TRIGGER}.fhirPathCriteria", "There is no %curent"),
        (["resourceTrigger", 0, "fhirPathCriteria"], 1, f"{TRIGGER}.fhirPathCriteria", "a text is wanted"),
        (["canFilterBy", 0, "filterParameter"], "pateint", f"{FILTER}.filterParameter", "no search parameter pateint"),
        (["canFilterBy", 0, "filterParameter"], "patient.nmae", f"{FILTER}.filterParameter", "leads to no resource"),
        (["canFilterBy", 0, "filterParameter"], "category.name", f"{FILTER}.filterParameter", "leads to no resource"),
        (["canFilterBy", 0, "comparator"], ["more"], f"{FILTER}.comparator[0]", "is wanted"),
        (["notificationShape", 0, "revInclude"], ["Task:focus"], f"{SHAPE}.revInclude", "not carried out"),
        (["notificationShape", 0, "include", 0], "Task:focus", f"{SHAPE}.include[0]", "Goal:parameter"),
        (["notificationShape", 0, "include", 0], "Goal:category", f"{SHAPE}.include[0]", "no reference"),
        (["notificationShape", 0, "include", 0], "Goal:subject:Device", f"{SHAPE}.include[0]", "no Device"),
    ],
)
def test_what_cannot_be_carried_out_is_refused_with_its_place(
    definitions: Definitions, path: list[Any], value: Any, place: str, why: str
) -> None:
    topic = sound()
    holder: Any = topic
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    with pytest.raises(TopicFault, match=why) as caught:
        topic_of(json.dumps(topic).encode(), "/srv/topics/goal.json", definitions)
    assert caught.value.place == f"SubscriptionTopic.{place}"
    assert str(caught.value).startswith(f"goal.json: SubscriptionTopic.{place}: ")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff", b'{"resourceType": "SubscriptionTopic", "resourceType": "Basic"}'])
def test_what_is_no_topic_at_all_is_refused(definitions: Definitions, content: bytes) -> None:
    with pytest.raises(TopicFault, match=r"^x\.json: SubscriptionTopic"):
        topic_of(content, "x.json", definitions)


def test_a_folder_adds_topics(definitions: Definitions, tmp_path: Path) -> None:
    (tmp_path / "goal.json").write_text(json.dumps(sound()))
    (tmp_path / "notes.txt").write_text("no topic")
    ours = load_topics(definitions)
    assert set(load_topics(definitions, files_of(tmp_path))) - set(ours) == {sound()["url"]}


def test_a_url_that_is_taken_is_refused(definitions: Definitions, tmp_path: Path) -> None:
    taken = next(iter(load_topics(definitions)))
    (tmp_path / "mine.json").write_text(json.dumps(sound() | {"url": taken}))
    with pytest.raises(TopicFault, match=r"mine\.json: SubscriptionTopic\.url: .* another topic"):
        load_topics(definitions, files_of(tmp_path))


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.json").mkdir()
    with pytest.raises(TopicFault, match=r"mine\.json: SubscriptionTopic: the file cannot be read"):
        files_of(tmp_path)


def test_a_folder_that_is_not_there_is_refused(definitions: Definitions, tmp_path: Path) -> None:
    with pytest.raises(TopicFault, match="no folder"):
        files_of(tmp_path / "none")
