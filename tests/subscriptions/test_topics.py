"""What fires each topic of ours, and what does not: one table each."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from fhir_server.coordination.stay_notice import NOTICE_SYSTEM, TOPICS
from fhir_server.subscriptions.topic import Topic
from fhir_server.subscriptions.trigger import Interaction

Resource = dict[str, Any]
Fires = Callable[[Resource | None, Resource | None], bool]

TASK_CODES = "https://passerelle.care/fhir/CodeSystem/coordination-task"
TASK_DETAIL = "https://passerelle.care/fhir/CodeSystem/task-detail"
AID_STATE = "https://passerelle.care/fhir/CodeSystem/aid-state"
FULFIL = {"coding": [{"system": "http://hl7.org/fhir/CodeSystem/task-code", "code": "fulfill"}]}
PATIENT = {"reference": "Patient/1"}


def fires(topic: Topic, previous: Resource | None, current: Resource | None) -> bool:
    interaction: Interaction = "create" if previous is None else "delete" if current is None else "update"
    before = copy.deepcopy((previous, current))
    answer = topic.triggered(previous, current, interaction)
    assert (previous, current) == before
    return answer


def case(name: str, previous: Resource | None, current: Resource | None, expected: bool) -> Any:
    return pytest.param(previous, current, expected, id=name)


def stay(status: str, class_: str = "IMP", **more: Any) -> Resource:
    return {"resourceType": "Encounter", "id": "1", "status": status, "class": {"code": class_}, "subject": PATIENT, **more}


ENDED = {"period": {"end": "2026-03-05T10:00:00+01:00"}}


@pytest.mark.parametrize(
    ("previous", "current", "expected"),
    [
        case("a stay ends", stay("in-progress"), stay("finished"), True),
        case("from a leave", stay("onleave"), stay("finished"), True),
        case("a discharge that comes before the admission", None, stay("finished"), True),
        case("the admission that comes after it", stay("finished"), stay("finished", period={"start": "2026-03-01"}), False),
        case("its end is corrected", stay("finished"), stay("finished", **ENDED), False),
        case("by death", stay("in-progress"), stay("finished", hospitalization={"dischargeDisposition": {"text": "exp"}}), True),
        case("told anew after it was taken back", stay("in-progress", **ENDED), stay("finished", **ENDED), True),
        case("of a stay that was cancelled before", stay("cancelled"), stay("finished"), True),
        case("an emergency stay ends", stay("in-progress", "EMER"), stay("finished", "EMER"), True),
        case("a consultation ends", stay("in-progress", "AMB"), stay("finished", "AMB"), False),
        case("a pre-admission ends", stay("planned", "PRENC"), stay("finished", "PRENC"), False),
        case("what counted as a consultation was a stay", stay("finished", "AMB"), stay("finished"), True),
        case("an admission", None, stay("in-progress"), False),
        case("a cancellation", stay("in-progress"), stay("cancelled"), False),
        case("taken back", stay("finished"), stay("in-progress"), False),
        case("deleted", stay("finished"), None, False),
        case("another resource with that status", None, {"resourceType": "EpisodeOfCare", "status": "finished"}, False),
    ],
)
def test_discharge_received(topics: Mapping[str, Topic], previous: Resource | None, current: Resource | None, expected: bool) -> None:
    assert fires(topics["discharge-received"], previous, current) is expected


@pytest.mark.parametrize(
    ("previous", "current", "expected"),
    [
        case("the discharge is taken back", stay("finished", **ENDED), stay("in-progress"), True),
        case("the person is on leave after all", stay("finished"), stay("onleave"), True),
        case("a stay that is over was none", stay("finished"), stay("cancelled"), True),
        case("the admission is taken back", stay("in-progress"), stay("cancelled"), True),
        case("and the stay is still planned", stay("in-progress"), stay("planned"), True),
        case("an entry in error", stay("in-progress"), stay("entered-in-error"), True),
        case("a planned stay is cancelled", stay("planned"), stay("cancelled"), False),
        case("a consultation is taken back", stay("finished", "AMB"), stay("in-progress", "AMB"), False),
        case("a leave", stay("in-progress"), stay("onleave"), False),
        case("a return from leave", stay("onleave"), stay("in-progress"), False),
        case("a discharge", stay("in-progress"), stay("finished"), False),
        case("the end is corrected", stay("finished"), stay("finished", **ENDED), False),
        case("a cancellation that comes first", None, stay("cancelled"), False),
        case("deleted", stay("finished"), None, False),
    ],
)
def test_stay_taken_back(topics: Mapping[str, Topic], previous: Resource | None, current: Resource | None, expected: bool) -> None:
    assert fires(topics["stay-taken-back"], previous, current) is expected


def notice(status: str, topic: str = "admission", system: str = NOTICE_SYSTEM, **more: Any) -> Resource:
    return {
        "resourceType": "Communication", "id": "1", "status": status, "identifier": [{"system": system, "value": "VN#1#admission"}],
        "topic": {"coding": [{"system": TOPICS, "code": topic}]}, "subject": PATIENT, **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("previous", "current", "expected"),
    [
        case("a notice is opened", None, notice("preparation"), True),
        case("opened again", notice("not-done"), notice("preparation"), True),
        case("its words change", notice("preparation"), notice("preparation", payload=[{"contentString": "x"}]), False),
        case("on its way", notice("preparation"), notice("in-progress"), False),
        case("sent", notice("preparation"), notice("completed", sent="2026-03-01T10:00:00Z"), False),
        case("withdrawn", notice("preparation"), notice("not-done"), False),
        case("withdrawn from the beginning", None, notice("not-done"), False),
        case("of a discharge", None, notice("preparation", "discharge"), False),
        case("a message of somebody else", None, notice("preparation", system="urn:x"), False),
        case("deleted", notice("preparation"), None, False),
    ],
)
def test_followed_person_admitted(topics: Mapping[str, Topic], previous: Resource | None, current: Resource | None, expected: bool) -> None:
    assert fires(topics["followed-person-admitted"], previous, current) is expected


def plan(status: str, **more: Any) -> Resource:
    return {"resourceType": "CarePlan", "id": "1", "status": status, "intent": "plan", "subject": PATIENT, **more}


def written(text: str) -> Resource:
    return narrative(text, "additional")


def narrative(text: str, status: str = "generated") -> Resource:
    return {"text": {"status": status, "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{text}</div>'}}


@pytest.mark.parametrize(
    ("previous", "current", "expected"),
    [
        case("a new plan", None, plan("active"), True),
        case("a draft", None, plan("draft"), False),
        case("a draft is worked on", plan("draft"), plan("draft", title="x"), False),
        case("a draft becomes a plan", plan("draft"), plan("active"), True),
        case("a plan becomes a draft again", plan("active"), plan("draft"), True),
        case("an action is added", plan("active"), plan("active", activity=[{"detail": {"status": "scheduled"}}]), True),
        case("an action is done", plan("active", activity=[{"detail": {"status": "scheduled"}}]),
             plan("active", activity=[{"detail": {"status": "completed"}}]), True),
        case("it is validated", plan("active"), plan("active", extension=[{"url": "x", "valueDateTime": "2026-03-01"}]), True),
        case("it ends", plan("active"), plan("completed"), True),
        case("it was an error", plan("active"), plan("entered-in-error"), True),
        case("the same again", plan("active"), plan("active"), False),
        case("only meta", plan("active", meta={"versionId": "1"}), plan("active", meta={"versionId": "2", "tag": [{"code": "x"}]}), False),
        case("only a generated text", plan("active", **narrative("a")), plan("active", **narrative("b")), False),
        case("a text that somebody wrote", plan("active", **written("a")), plan("active", **written("b")), True),
        case("deleted", plan("active"), None, False),
    ],
)  # fmt: skip
def test_care_plan_changed(topics: Mapping[str, Topic], previous: Resource | None, current: Resource | None, expected: bool) -> None:
    assert fires(topics["care-plan-changed"], previous, current) is expected


def validation(status: str, code: str = "plan-validation", reminders: int = 0, **more: Any) -> Resource:
    told = [
        {"type": {"coding": [{"system": TASK_DETAIL, "code": "reminder"}]}, "valueDateTime": f"2026-03-1{day}"} for day in range(reminders)
    ]
    task = {
        "resourceType": "Task", "id": "1", "status": status, "intent": "order", "for": PATIENT,
        "code": {"coding": [{"system": TASK_CODES, "code": code}]}, "focus": {"reference": "CarePlan/1"},
        "owner": {"reference": "PractitionerRole/gp"}, "requester": {"reference": "PractitionerRole/coordinator"},
    }  # fmt: skip
    return task | ({"input": told} if told else {}) | more


@pytest.mark.parametrize(
    ("previous", "current", "expected"),
    [
        case("asked", None, validation("requested"), True),
        case("prepared", None, validation("draft"), False),
        case("prepared, then asked", validation("draft"), validation("requested"), True),
        case("received", validation("requested"), validation("received"), False),
        case("reminded", validation("received"), validation("received", reminders=1), True),
        case("reminded again", validation("received", reminders=1), validation("received", reminders=2), True),
        case("a reminder is taken out", validation("received", reminders=2), validation("received", reminders=1), False),
        case("another input", validation("requested"), validation("requested", input=[{"type": {"text": "x"}, "valueString": "y"}]), False),
        case("another is asked", validation("requested"), validation("requested", owner={"reference": "PractitionerRole/other"}), True),
        case("about another plan", validation("requested"), validation("requested", focus={"reference": "CarePlan/2"}), True),
        case(
            "nobody is asked any more", validation("requested"), {k: v for k, v in validation("requested").items() if k != "owner"}, False
        ),
        case("asked again after a no", validation("rejected"), validation("requested"), True),
        case("validated", validation("requested"), validation("completed"), False),
        case("refused", validation("requested"), validation("rejected"), False),
        case("reminded after the end", validation("completed"), validation("completed", reminders=1), False),
        case("another task", None, validation("requested", "feedback-due"), False),
        case("deleted", validation("requested"), None, False),
    ],
)
def test_care_plan_awaiting_validation(
    topics: Mapping[str, Topic], previous: Resource | None, current: Resource | None, expected: bool
) -> None:
    assert fires(topics["care-plan-awaiting-validation"], previous, current) is expected


def answer(status: str, **more: Any) -> Resource:
    focus = {"reference": "ServiceRequest/1"}
    return {"resourceType": "Task", "id": "1", "status": status, "intent": "order", "code": FULFIL, "focus": focus, "for": PATIENT, **more}


AID = {"businessStatus": {"coding": [{"system": AID_STATE, "code": "granted"}]}}


@pytest.mark.parametrize(
    ("previous", "current", "expected"),
    [
        case("asked", None, answer("requested"), False),
        case("accepted", answer("requested"), answer("accepted"), True),
        case("refused", answer("requested"), answer("rejected", statusReason={"text": "no place"}), True),
        case("the reason is put in other words", answer("rejected"), answer("rejected", statusReason={"text": "no place"}), False),
        case("included at once", answer("requested"), answer("in-progress"), True),
        case("included", answer("accepted"), answer("in-progress"), True),
        case("paused", answer("in-progress"), answer("on-hold"), True),
        case("done", answer("in-progress"), answer("completed"), True),
        case("failed", answer("in-progress"), answer("failed"), True),
        case("answered from the beginning", None, answer("accepted"), True),
        case("the agreement of the general practitioner is added", answer("accepted"), answer("accepted", extension=[{"url": "x"}]), False),
        case("withdrawn by who asked", answer("requested"), answer("cancelled"), False),
        case("an entry in error", answer("requested"), answer("entered-in-error"), False),
        case("an aid", answer("requested", **AID), answer("accepted", **AID), False),
        case("the answer to something else", None, answer("accepted", focus={"reference": "MedicationRequest/1"}), False),
        case("by an absolute reference", None, answer("accepted", focus={"reference": "https://dac.example/fhir/ServiceRequest/1"}), True),
        case("by its type alone", None, answer("accepted", focus={"type": "ServiceRequest", "identifier": {"value": "1"}}), True),
        case("a task of another kind", None, answer("accepted", code={"coding": [{"system": TASK_CODES, "code": "contact"}]}), False),
        case("deleted", answer("accepted"), None, False),
    ],
)
def test_referral_answered(topics: Mapping[str, Topic], previous: Resource | None, current: Resource | None, expected: bool) -> None:
    assert fires(topics["referral-answered"], previous, current) is expected


def member(reference: str, end: str | None = None, **more: Any) -> Resource:
    period = {"start": "2026-01-01"} | ({"end": end} if end else {})
    return {"member": {"reference": reference}, "period": period, **more}


def team(*participants: Resource, status: str = "active", **more: Any) -> Resource:
    return {"resourceType": "CareTeam", "id": "1", "status": status, "subject": PATIENT, "participant": list(participants), **more}


A, B = member("PractitionerRole/a"), member("PractitionerRole/b")
A_LEFT, B_LEFT = (member(f"PractitionerRole/{name}", "2026-03-01") for name in "ab")
BY_NUMBER = {"member": {"identifier": {"system": "urn:oid:1.2.250.1.71.4.2.1", "value": "810000000008"}}}


@pytest.mark.parametrize(
    ("previous", "current", "expected"),
    [
        case("a circle begins", None, team(A), True),
        case("a circle without anybody", None, team(), False),
        case("a circle that is proposed", None, team(A, status="proposed"), False),
        case("the proposed circle begins", team(A, status="proposed"), team(A), True),
        case("somebody joins", team(A), team(A, B), True),
        case("somebody leaves", team(A, B), team(A, B_LEFT), True),
        case("somebody is taken out", team(A, B), team(A), True),
        case("one for another", team(A), team(A_LEFT, B), True),
        case("who left comes back", team(A, B_LEFT), team(A, B_LEFT, B), True),
        case("an earlier entry ends and a new one begins at once", team(A, B), team(A, B_LEFT, B), False),
        case("who left is taken out of the list", team(A, B_LEFT), team(A), False),
        case("the order changes", team(A, B), team(B, A), False),
        case("a role changes", team(A), team(member("PractitionerRole/a", role=[{"text": "PCP"}])), False),
        case("a note", team(A), team(A, note=[{"text": "x"}]), False),
        case("the circle ends", team(A), team(A, status="inactive"), True),
        case("a circle that ended is completed", team(A, status="inactive"), team(A, B, status="inactive"), False),
        case("a member by number alone joins", team(A), team(A, BY_NUMBER), True),
        case("and gets a name", team(A, BY_NUMBER), team(A, {"member": BY_NUMBER["member"] | {"display": "Dr X"}}), False),
        case("it leaves", team(A, BY_NUMBER), team(A, {**BY_NUMBER, "period": {"end": "2026-03-01"}}), True),
        case("another number", team(BY_NUMBER), team({"member": {"identifier": {"system": "urn:x", "value": "810000000008"}}}), True),
        case("one by name alone leaves", team(A, {"member": {"display": "Dr X"}}), team(A), True),
        case("deleted", team(A), None, False),
    ],
)
def test_care_team_changed(topics: Mapping[str, Topic], previous: Resource | None, current: Resource | None, expected: bool) -> None:
    assert fires(topics["care-team-changed"], previous, current) is expected


def test_every_topic_has_its_table(topics: Mapping[str, Topic]) -> None:
    tested = {name.removeprefix("test_").replace("_", "-") for name in globals() if name.startswith("test_")}
    assert set(topics) <= tested


INCLUDED: list[tuple[str, Resource, list[str]]] = [
    ("discharge-received", stay("finished", serviceProvider={"reference": "Organization/h"}), ["Patient/1", "Organization/h"]),
    ("stay-taken-back", stay("in-progress"), ["Patient/1"]),
    (
        "followed-person-admitted",
        notice("preparation", encounter={"reference": "Encounter/1"}, sender={"reference": "Organization/h"}),
        ["Patient/1", "Encounter/1", "Organization/h"],
    ),
    (
        "care-plan-changed",
        plan("active", careTeam=[{"reference": "CareTeam/1"}], goal=[{"reference": "Goal/1"}, {"reference": "#g"}, {"reference": "Goal/1"}],
             addresses=[{"reference": "Condition/1"}]),
        ["Patient/1", "CareTeam/1", "Goal/1", "Condition/1"],
    ),
    ("care-plan-awaiting-validation", validation("requested"), ["Patient/1", "CarePlan/1", "PractitionerRole/coordinator"]),
    (
        "referral-answered",
        answer("accepted", focus={"reference": "ServiceRequest/1/_history/2"}, owner={"display": "DAC"}),
        ["Patient/1", "ServiceRequest/1/_history/2"],
    ),
    ("care-team-changed", team(A, B_LEFT, BY_NUMBER), ["Patient/1", "PractitionerRole/a", "PractitionerRole/b"]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "focus", "references"), INCLUDED, ids=[name for name, _, _ in INCLUDED])
def test_what_comes_with_the_focus(topics: Mapping[str, Topic], name: str, focus: Resource, references: list[str]) -> None:
    assert topics[name].includes(focus) == references


def test_the_topics_are_named_as_the_coordination_names_things(topics: Mapping[str, Topic]) -> None:
    criterion = topics["followed-person-admitted"].triggers[0].criterion
    assert criterion is not None
    assert NOTICE_SYSTEM in criterion.source
    assert TOPICS in criterion.source
