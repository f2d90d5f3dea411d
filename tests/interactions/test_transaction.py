"""Transactions and batches to the letter of https://hl7.org/fhir/R4/http.html#transaction."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from fhir_server.interactions import Interactions
from fhir_server.model.issue import Category, FhirError
from fhir_server.model.json_format import decode_resource

INS = "urn:oid:1.2.250.1.213.1.4.10"
A, B = "urn:uuid:7d0b3a4e-0000-4000-8000-00000000000a", "urn:uuid:7d0b3a4e-0000-4000-8000-00000000000b"


def entry(method: str, url: str, resource: dict[str, Any] | None = None, full_url: str | None = None, **request: str) -> dict[str, Any]:
    made: dict[str, Any] = {"request": {"method": method, "url": url, **request}}
    return made | ({"resource": resource} if resource else {}) | ({"fullUrl": full_url} if full_url else {})


def bundle(*entries: dict[str, Any], kind: str = "transaction") -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


def patient(value: str = "1", **elements: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "identifier": [{"system": INS, "value": value}], **elements}


def plan(subject: str, **elements: Any) -> dict[str, Any]:
    return {"resourceType": "CarePlan", "status": "draft", "intent": "plan", "subject": {"reference": subject}, **elements}


def content(interactions: Interactions, run: Any, location: str) -> dict[str, Any]:
    type_name, id_ = location.split("/")[:2]
    return decode_resource(run(interactions.read(type_name, id_)).content)


def test_references_between_entries_point_at_what_was_stored(interactions: Interactions, run: Any) -> None:
    answer = run(interactions.transaction(bundle(entry("POST", "CarePlan", plan(A), B), entry("POST", "Patient", patient(), A))))
    plan_place, patient_place = [one["response"]["location"] for one in answer["entry"]]
    stored = content(interactions, run, plan_place)
    assert stored["subject"]["reference"] == patient_place.split("/_history")[0]
    assert [one["response"]["status"] for one in answer["entry"]] == ["201 Created", "201 Created"]


def test_circular_references_are_resolved(interactions: Interactions, run: Any) -> None:
    one = plan(A, partOf=[{"reference": B}])
    two = {"resourceType": "CarePlan", "status": "draft", "intent": "plan", "subject": {"reference": A}, "replaces": [{"reference": B}]}
    entries = [entry("POST", "CarePlan", one, "urn:uuid:1"), entry("POST", "CarePlan", two, B), entry("POST", "Patient", patient(), A)]
    answer = run(interactions.transaction(bundle(*entries)))
    location = answer["entry"][1]["response"]["location"].split("/_history")[0]
    assert content(interactions, run, location)["replaces"] == [{"reference": location}]


def test_a_uuid_that_is_an_identifier_stays_what_it_is(interactions: Interactions, run: Any) -> None:
    resource = {"resourceType": "Patient", "identifier": [{"system": "urn:ietf:rfc:3986", "value": A}]}
    answer = run(interactions.transaction(bundle(entry("POST", "Patient", resource, A))))
    assert content(interactions, run, answer["entry"][0]["response"]["location"])["identifier"][0]["value"] == A


def test_links_in_uris_and_narratives_follow_too(interactions: Interactions, run: Any) -> None:
    narrative = f'<div xmlns="http://www.w3.org/1999/xhtml"><a href="{A}">plan</a> {A}</div>'
    resource = {
        "resourceType": "Basic", "code": {"text": "x"}, "text": {"status": "generated", "div": narrative},
        "extension": [{"url": "http://example.org/link", "valueUri": A}, {"url": "http://example.org/text", "valueString": A}],
    }  # fmt: skip
    answer = run(interactions.transaction(bundle(entry("POST", "Basic", resource, B), entry("POST", "Patient", patient(), A))))
    place = answer["entry"][1]["response"]["location"].split("/_history")[0]
    stored = content(interactions, run, answer["entry"][0]["response"]["location"])
    assert stored["extension"][0]["valueUri"] == place
    assert stored["extension"][1]["valueString"] == A
    assert stored["text"]["div"] == narrative.replace(f'href="{A}"', f'href="{place}"')


def test_a_conditional_create_that_matches_uses_what_is_there(interactions: Interactions, run: Any) -> None:
    first = run(interactions.create("Patient", patient("7")))
    condition = f"identifier={INS}|7"
    entries = [entry("POST", "Patient", patient("7"), A, ifNoneExist=condition), entry("POST", "CarePlan", plan(A), B)]
    answer = run(interactions.transaction(bundle(*entries)))
    assert answer["entry"][0]["response"]["status"] == "200 OK"
    assert answer["entry"][0]["response"]["location"] == f"Patient/{first.stored.id}/_history/1"
    assert content(interactions, run, answer["entry"][1]["response"]["location"])["subject"]["reference"] == f"Patient/{first.stored.id}"


def test_fifty_parallel_conditional_creates_make_exactly_one_resource(interactions: Interactions, run: Any) -> None:
    async def race() -> list[Any]:
        return await asyncio.gather(*(interactions.create("Patient", patient("8"), f"identifier={INS}|8") for _ in range(50)))

    outcomes = run(race())
    assert sorted(outcome.status for outcome in outcomes) == ["created"] + ["matched"] * 49
    assert len({outcome.stored.id for outcome in outcomes}) == 1


def test_what_the_caller_has_just_looked_for_is_not_looked_for_again(
    interactions: Interactions, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def matches(_query: Any) -> tuple[str, ...]:
        raise AssertionError("looked for once more")

    monkeypatch.setattr(interactions.store, "matches", matches)
    created = entry("POST", "Patient", patient("11"), A, ifNoneExist=f"identifier={INS}|11")
    answer = run(interactions.transaction(bundle(created), absent=True))
    assert answer["entry"][0]["response"]["status"] == "201 Created"


def test_what_came_since_the_caller_looked_is_told_so_that_the_caller_looks_again(interactions: Interactions, run: Any) -> None:
    run(interactions.create("Patient", patient("12")))
    created = entry("POST", "Patient", patient("12"), A, ifNoneExist=f"identifier={INS}|12")
    with pytest.raises(FhirError) as refused:
        run(interactions.transaction(bundle(created, entry("POST", "CarePlan", plan(A), B)), absent=True))
    assert refused.value.category is Category.CONFLICT
    assert not run(interactions.search("CarePlan", [])).matches


def test_parallel_transactions_with_the_same_condition_make_one_resource(interactions: Interactions, run: Any) -> None:
    def one() -> dict[str, Any]:
        return bundle(entry("POST", "Patient", patient("9"), A, ifNoneExist=f"identifier={INS}|9"), entry("POST", "CarePlan", plan(A), B))

    async def race() -> list[Any]:
        return await asyncio.gather(*(interactions.transaction(one()) for _ in range(20)))

    answers = run(race())
    assert len({answer["entry"][0]["response"]["location"].split("/")[1] for answer in answers}) == 1
    subjects = {content(interactions, run, answer["entry"][1]["response"]["location"])["subject"]["reference"] for answer in answers}
    assert len(subjects) == 1


def test_a_conditional_reference_becomes_what_it_matches(interactions: Interactions, run: Any) -> None:
    there = run(interactions.create("Patient", patient("10"))).stored.id
    answer = run(interactions.transaction(bundle(entry("POST", "CarePlan", plan(f"Patient?identifier={INS}|10"), B))))
    assert content(interactions, run, answer["entry"][0]["response"]["location"])["subject"]["reference"] == f"Patient/{there}"


FAULTS = {
    "unmatched reference": (entry("POST", "CarePlan", plan("Patient?identifier=none")), Category.PRECONDITION, ""),
    "no id in body": (entry("PUT", "Patient/x", patient()), Category.MALFORMED, ""),
    "unknown element": (entry("POST", "Patient", patient(birthdate="1942")), Category.MALFORMED, ".resource"),
    "no id in url": (entry("PUT", "Patient", patient()), Category.MALFORMED, ""),
    "no resource": (entry("POST", "Patient"), Category.MALFORMED, ".resource"),
    "no request": ({"resource": patient()}, Category.MALFORMED, ".request"),
    "unknown type": (entry("POST", "Martian", {"resourceType": "Martian"}), Category.NOT_FOUND, ""),
    "bad condition": (entry("POST", "Patient", patient(), ifNoneExist="nonsense=1"), Category.PRECONDITION, ""),
}


@pytest.mark.parametrize(("faulty", "category", "place"), FAULTS.values(), ids=FAULTS)
def test_a_fault_in_one_entry_names_it_and_stores_nothing(
    interactions: Interactions, run: Any, faulty: dict[str, Any], category: Category, place: str
) -> None:
    with pytest.raises(FhirError) as refused:
        run(interactions.transaction(bundle(entry("POST", "Patient", patient()), faulty)))
    assert refused.value.category is category
    assert str(refused.value.issues[0].expression).startswith("Bundle.entry[1]" + place)
    assert run(interactions.store.newest()) == 0


def test_two_entries_that_write_one_resource_are_refused(interactions: Interactions, run: Any) -> None:
    with pytest.raises(FhirError, match="write the same resource"):
        run(interactions.transaction(bundle(entry("PUT", "Patient/a", patient(id="a")), entry("DELETE", "Patient/a"))))


def test_a_large_transaction_with_a_fault_in_its_last_entry_stores_nothing(interactions: Interactions, run: Any) -> None:
    entries = [entry("POST", "Patient", patient(str(number))) for number in range(1000)]
    with pytest.raises(FhirError, match=r"Bundle.entry\[1000\]"):
        run(interactions.transaction(bundle(*entries, entry("POST", "Patient", patient(gender=3)))))
    assert run(interactions.store.newest()) == 0


def test_reads_see_what_the_transaction_wrote(interactions: Interactions, run: Any) -> None:
    answer = run(interactions.transaction(bundle(entry("GET", f"Patient?identifier={INS}|11"), entry("POST", "Patient", patient("11")))))
    assert answer["entry"][0]["resource"]["total"] == 1


def test_a_version_that_moved_on_refuses_the_whole_transaction(interactions: Interactions, run: Any) -> None:
    run(interactions.update("Patient", "a", patient(id="a")))
    entries = [entry("POST", "Patient", patient("12")), entry("PUT", "Patient/a", patient(id="a"), ifMatch='W/"2"')]
    with pytest.raises(FhirError) as refused:
        run(interactions.transaction(bundle(*entries)))
    assert refused.value.category is Category.PRECONDITION
    assert run(interactions.store.newest()) == 1


def test_a_batch_does_each_entry_on_its_own(interactions: Interactions, run: Any) -> None:
    entries = [entry("POST", "Patient", patient()), entry("POST", "Patient", patient(gender=3)), entry("GET", "Patient/none")]
    answer = run(interactions.batch(bundle(*entries, kind="batch")))
    assert [one["response"]["status"][:3] for one in answer["entry"]] == ["201", "400", "404"]
    assert answer["entry"][1]["response"]["outcome"]["issue"][0]["expression"] == ["Bundle.entry[1].resource.gender"]


def test_conditional_update_creates_then_updates_the_same_resource(interactions: Interactions, run: Any) -> None:
    url = f"Patient?identifier={INS}|13"
    first = run(interactions.transaction(bundle(entry("PUT", url, patient("13")))))["entry"][0]["response"]
    second = run(interactions.transaction(bundle(entry("PUT", url, patient("13", active=True)))))["entry"][0]["response"]
    assert (first["status"], second["status"]) == ("201 Created", "200 OK")
    assert second["location"] == first["location"].replace("_history/1", "_history/2")


def test_the_wrong_kind_of_bundle_is_refused(interactions: Interactions, run: Any) -> None:
    with pytest.raises(FhirError, match="must be a Bundle of type transaction"):
        run(interactions.transaction(bundle(kind="collection")))
