"""Each topic beside a plain statement of it in Python, over every pair of versions that differ in what matters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import product
from typing import Any

import pytest

from fhir_server.coordination.follow_up import NO_STAY
from fhir_server.coordination.stay_notice import NOTICE_SYSTEM, TOPICS
from fhir_server.subscriptions.topic import Topic

Resource = dict[str, Any]
Version = Resource | None
Model = Callable[[Resource, Resource], bool]

GUIDE = "https://passerelle.care/fhir/CodeSystem/"
TASK_STATUSES = (
    "draft", "requested", "received", "accepted", "rejected", "ready", "cancelled", "in-progress", "on-hold", "failed", "completed",
    "entered-in-error",
)  # fmt: skip
STAYS = ("planned", "arrived", "triaged", "in-progress", "onleave", "finished", "cancelled", "entered-in-error", "unknown")
NOTICES = ("preparation", "in-progress", "not-done", "on-hold", "stopped", "completed", "entered-in-error", "unknown")


def stays() -> Iterator[Resource]:
    for status, code in product(STAYS, ("IMP", "EMER", *NO_STAY)):
        yield {"resourceType": "Encounter", "status": status, "class": {"code": code}}


def _over(stay: Resource) -> bool:
    return bool(stay) and stay["status"] == "finished" and stay["class"]["code"] not in NO_STAY


def _going_on(stay: Resource) -> bool:
    return bool(stay) and stay["status"] in ("in-progress", "onleave") and stay["class"]["code"] not in NO_STAY


def discharged(before: Resource, after: Resource) -> bool:
    return _over(after) and not _over(before)


def taken_back(before: Resource, after: Resource) -> bool:
    not_left = _over(before) and after["status"] != "finished"
    return not_left or (_going_on(before) and after["status"] in ("cancelled", "entered-in-error", "planned", "unknown"))


def notices() -> Iterator[Resource]:
    for status, system, code in product(
        NOTICES, (NOTICE_SYSTEM, "urn:x"), ((TOPICS, "admission"), (TOPICS, "discharge"), ("urn:x", "admission"))
    ):
        coding = [{"system": code[0], "code": code[1]}]
        yield {"resourceType": "Communication", "status": status, "identifier": [{"system": system}], "topic": {"coding": coding}}


def admitted(before: Resource, after: Resource) -> bool:
    def due(one: Resource) -> bool:
        said = bool(one) and (one["topic"]["coding"][0]["system"], one["topic"]["coding"][0]["code"]) == (TOPICS, "admission")
        return said and one["identifier"][0]["system"] == NOTICE_SYSTEM and one["status"] == "preparation"

    return due(after) and not due(before)


VALIDATION = (GUIDE + "coordination-task", "plan-validation")
REMINDER = (GUIDE + "task-detail", "reminder")
STATUS_AND_CODE = [
    *((status, VALIDATION) for status in ("draft", "requested", "received", "accepted", "in-progress", "rejected", "completed")),
    *(("requested", (system, code)) for system, code in ((VALIDATION[0], "contact"), ("urn:x", "plan-validation"), ("urn:x", "contact"))),
]
INPUTS = ((), (REMINDER,), ((REMINDER[0], "asked"), ("urn:x", "reminder")))


def validations() -> Iterator[Resource]:
    for (status, (system, code)), inputs, (owner, plan) in product(STATUS_AND_CODE, INPUTS, (("a", "1"), ("b", "1"), ("a", "2"))):
        told = [{"type": {"coding": [{"system": detail[0], "code": detail[1]}]}} for detail in inputs]
        named = {"owner": {"reference": f"PractitionerRole/{owner}"}, "focus": {"reference": f"CarePlan/{plan}"}}
        yield {"resourceType": "Task", "status": status, "code": {"coding": [{"system": system, "code": code}]}, "input": told, **named}


def awaiting(before: Resource, after: Resource) -> bool:
    def open_(one: Resource) -> bool:
        return bool(one) and (one["status"], VALIDATION) == (one["status"], _code(one)) and one["status"] in OPEN

    def reminders(one: Resource) -> int:
        return sum(_pair(each["type"]) == REMINDER for each in one["input"])

    if not open_(after) or not open_(before):
        return open_(after)
    return reminders(after) > reminders(before) or (after["owner"], after["focus"]) != (before["owner"], before["focus"])


OPEN = ("requested", "received", "accepted", "in-progress")
FULFIL = ("http://hl7.org/fhir/CodeSystem/task-code", "fulfill")
AID = {"businessStatus": {"coding": [{"system": GUIDE + "aid-state", "code": "granted"}]}}
OTHER_STATE = {"businessStatus": {"coding": [{"system": "urn:x", "code": "granted"}]}}


VARIANTS: list[tuple[tuple[str, str], Resource, str]] = [
    (FULFIL, {}, "ServiceRequest"), (FULFIL, OTHER_STATE, "ServiceRequest"),
    ((FULFIL[0], "approve"), {}, "ServiceRequest"), (("urn:x", "fulfill"), {}, "ServiceRequest"),
    (FULFIL, AID, "ServiceRequest"), (FULFIL, {}, "MedicationRequest"),
]  # fmt: skip
"""Two referrals, and what differs from one in one respect."""


def answers() -> Iterator[Resource]:
    for status, ((system, code), more, kind) in product(TASK_STATUSES, VARIANTS):
        asked = {"code": {"coding": [{"system": system, "code": code}]}, "focus": {"reference": f"{kind}/1"}}
        yield {"resourceType": "Task", "status": status, **asked, **more}


def answered(before: Resource, after: Resource) -> bool:
    referral = _code(after) == FULFIL and after["focus"]["reference"].startswith("ServiceRequest/")
    aid = after.get("businessStatus") == AID["businessStatus"]
    step = after["status"] in ("accepted", "rejected", "in-progress", "on-hold", "completed", "failed")
    return referral and not aid and step and before.get("status") != after["status"]


def _code(task: Resource) -> tuple[str, str]:
    return _pair(task["code"])


def _pair(concept: Resource) -> tuple[str, str]:
    return concept["coding"][0]["system"], concept["coding"][0]["code"]


MODELS: list[tuple[str, Callable[[], Iterable[Resource]], Model]] = [
    ("discharge-received", stays, discharged),
    ("stay-taken-back", stays, taken_back),
    ("followed-person-admitted", notices, admitted),
    ("care-plan-awaiting-validation", validations, awaiting),
    ("referral-answered", answers, answered),
]


@pytest.mark.parametrize(("name", "versions", "model"), MODELS, ids=[name for name, _, _ in MODELS])
def test_a_topic_fires_when_the_model_says_so(
    topics: Mapping[str, Topic], name: str, versions: Callable[[], Iterable[Resource]], model: Model
) -> None:
    assert disagreements(topics[name], list(versions()), model) == []


def disagreements(topic: Topic, versions: list[Resource], model: Model) -> list[tuple[Version, Resource]]:
    return [
        (before, after)
        for before, after in product([None, *versions], versions)
        if topic.triggered(before, after, "update" if before else "create") is not (model(before or {}, after) and before != after)
    ]
