"""Rules of https://hl7.org/fhir/R4/http.html#trules and #cond-update whose breach would store something wrong, or deny what was stored."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from fhir_server.interactions import Interactions
from fhir_server.interactions.turns import in_turns, is_large
from fhir_server.model.issue import Category, FhirError
from tests.interactions.test_transaction import INS, A, B, bundle, content, entry, patient, plan

LOST = [
    pytest.param("Patient/nobody", "404 Not Found", id="absent"),
    pytest.param("Patient/gone", "410 Gone", id="deleted"),
    pytest.param("Patient/nobody/_history/1", "404 Not Found", id="absent version"),
]


@pytest.mark.parametrize(("url", "status"), LOST)
def test_a_read_that_finds_nothing_does_not_deny_what_the_transaction_stored(
    interactions: Interactions, run: Any, url: str, status: str
) -> None:
    """Its sender would repeat a transaction that is told to have failed, and store everything twice."""
    run(interactions.update("Patient", "gone", patient(id="gone")))
    run(interactions.delete("Patient", "gone"))
    answer = run(interactions.transaction(bundle(entry("GET", url), entry("POST", "Patient", patient("20")))))
    assert [one["response"]["status"] for one in answer["entry"]] == [status, "201 Created"]
    assert answer["entry"][0]["response"]["outcome"]["resourceType"] == "OperationOutcome"


UNANSWERABLE = ["Martian/1", "Patient?birthdate=yesterday", "Martian?name=x", "Patient/1/_history", "Patient/1/$everything"]


@pytest.mark.parametrize("url", UNANSWERABLE)
def test_a_read_that_can_never_be_answered_refuses_the_transaction_before_anything_is_stored(
    interactions: Interactions, run: Any, url: str
) -> None:
    with pytest.raises(FhirError) as refused:
        run(interactions.transaction(bundle(entry("POST", "Patient", patient()), entry("GET", url))))
    assert str(refused.value.issues[0].expression).startswith("Bundle.entry[1]")
    assert run(interactions.store.newest()) == 0


def test_a_head_is_answered_without_the_resource(interactions: Interactions, run: Any) -> None:
    run(interactions.update("Patient", "a", patient(id="a")))
    (answer,) = run(interactions.batch(bundle(entry("HEAD", "Patient/a"), kind="batch")))["entry"]
    assert answer["response"]["etag"] == 'W/"1"'
    assert "resource" not in answer


def test_a_conditional_update_whose_body_has_another_id_than_the_match_is_refused(interactions: Interactions, run: Any) -> None:
    run(interactions.update("Patient", "there", patient("21", id="there")))
    with pytest.raises(FhirError, match="there") as refused:
        run(interactions.transaction(bundle(entry("PUT", f"Patient?identifier={INS}|21", patient("21", id="other")))))
    assert refused.value.category is Category.MALFORMED
    assert run(interactions.store.newest()) == 1


def test_a_conditional_update_without_match_does_not_overwrite_what_stands_under_its_id(interactions: Interactions, run: Any) -> None:
    run(interactions.update("Patient", "taken", patient("22", id="taken")))
    with pytest.raises(FhirError) as refused:
        run(interactions.transaction(bundle(entry("PUT", f"Patient?identifier={INS}|23", patient("23", id="taken")))))
    assert refused.value.category is Category.CONFLICT
    assert run(interactions.store.newest()) == 1


def test_a_conditional_update_without_match_creates_under_its_id(interactions: Interactions, run: Any) -> None:
    answer = run(interactions.transaction(bundle(entry("PUT", f"Patient?identifier={INS}|23", patient("23", id="new")))))
    assert answer["entry"][0]["response"]["location"] == "Patient/new/_history/1"


def test_entries_that_create_under_the_same_condition_make_one_resource(interactions: Interactions, run: Any) -> None:
    condition = f"identifier={INS}|24"
    entries = [
        entry("POST", "Patient", patient("24"), A, ifNoneExist=condition),
        entry("POST", "Patient", patient("24"), B, ifNoneExist=condition),
        entry("POST", "CarePlan", plan(B)),
    ]
    first, second, care_plan = [one["response"] for one in run(interactions.transaction(bundle(*entries)))["entry"]]
    assert (first["status"], second["status"]) == ("201 Created", "200 OK")
    assert second["location"] == first["location"]
    subject = content(interactions, run, care_plan["location"])["subject"]["reference"]
    assert subject == first["location"].partition("/_history")[0]
    assert run(interactions.history("Patient", None, count=9)).total == 1


def test_two_entries_with_the_same_full_url_are_refused(interactions: Interactions, run: Any) -> None:
    """A reference to it would point at one of two persons."""
    entries = [entry("POST", "Patient", patient("1"), A), entry("POST", "Patient", patient("2"), A), entry("POST", "CarePlan", plan(A))]
    with pytest.raises(FhirError, match="fullUrl"):
        run(interactions.transaction(bundle(*entries)))
    assert run(interactions.store.newest()) == 0


def test_a_conditional_create_survives_that_its_match_is_deleted_meanwhile(interactions: Interactions, run: Any) -> None:
    store, matches = interactions.store, interactions.store.matches
    run(interactions.update("Patient", "doomed", patient("25", id="doomed")))

    async def matches_then_deleted(query: Any) -> tuple[str, ...]:
        found = await matches(query)
        await interactions.delete("Patient", "doomed")
        return found

    store.matches = matches_then_deleted  # type: ignore[method-assign]
    outcome = run(interactions.create("Patient", patient("25"), f"identifier={INS}|25"))
    assert outcome.status == "created"


def test_what_the_reads_of_a_bundle_give_back_is_bounded(interactions: Interactions, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fhir_server.interactions.bundle.ANSWER_BYTES", 2000)
    run(interactions.update("Patient", "a", patient(id="a", name=[{"text": "x" * 900}])))
    answers = run(interactions.batch(bundle(*[entry("GET", "Patient/a")] * 3, *[entry("GET", "Patient")] * 3, kind="batch")))["entry"]
    statuses = [one["response"]["status"][:3] for one in answers]
    assert statuses.count("200") < 4
    assert "413" in statuses


def test_others_have_a_turn_after_every_few_steps(run: Any) -> None:
    seen: list[Any] = []

    async def others() -> None:
        while len(seen) < 9:
            seen.append("other")
            await asyncio.sleep(0)

    async def both() -> None:
        task = asyncio.create_task(others())
        async for item in in_turns(range(6), every=2):
            seen.append(item)  # noqa: PERF401 - each in its turn
        await task

    run(both())
    assert seen[:9] == [0, 1, "other", 2, 3, "other", 4, 5, "other"]


@pytest.mark.parametrize(("entries", "expected"), [(10, False), (10_000, True)])
def test_a_resource_is_large_by_what_it_holds(entries: int, expected: bool) -> None:
    assert is_large({"resourceType": "List", "entry": [{"item": {"display": "x"}} for _ in range(entries)]}) is expected


def test_a_large_resource_is_made_ready_beside_the_loop(interactions: Interactions, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[str] = []
    check = interactions._preparation.check

    def noted(*arguments: Any) -> None:
        threads.append(threading.current_thread().name)
        check(*arguments)

    monkeypatch.setattr(interactions._preparation, "check", noted)
    big = {"resourceType": "List", "status": "current", "mode": "working", "entry": [{"item": {"display": "x"}}] * 10_000}
    run(interactions.create("List", big))
    run(interactions.create("List", big | {"entry": big["entry"][:2]}))
    assert [name == "MainThread" for name in threads] == [False, True]
