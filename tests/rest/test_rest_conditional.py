"""https://hl7.org/fhir/R4/http.html#ccreate, #cond-update, #3.1.0.7.1, #cread: interactions under a condition, and under race."""

from __future__ import annotations

import asyncio

import pytest

from fhir_server.interactions import Interactions
from fhir_server.rest.application import fhir_application
from fhir_server.rest.settings import RestSettings

PARALLEL = 50


def person(value="1", **more):
    return {"resourceType": "Patient", "identifier": [{"system": "urn:ins", "value": value}]} | more


@pytest.fixture
def variant(interactions, searching, validator, loop, client):
    """A client of the same store with other settings of the interactions."""

    def made(**settings):
        own = Interactions(interactions.store, interactions.definitions, searching, **settings)
        return type(client)(fhir_application(own, validator, RestSettings()), loop)

    return made


def together(client, loop, count, method, path, body, headers):
    """The same request many times at once; `{}` in the headers and body is the number of the request."""

    async def one(number):
        sent = {name: value.format(number) for name, value in headers.items()} | {"content-type": "application/fhir+json"}
        return await client._client.request(method, client.BASE + path, json=body(number), headers=sent)

    async def all_of_them():
        return await asyncio.gather(*map(one, range(count)))

    return loop.run_until_complete(all_of_them())


def versions(client, path):
    return sorted(int(one["response"]["etag"][3:-1]) for one in client.get(f"{path}/_history?_count=200").json()["entry"])


# -- create


def test_a_conditional_create_makes_one_and_finds_it_again(client):
    first = client.post("/Patient", person(), if_none_exist="identifier=urn:ins|1")
    second = client.post("/Patient", person(), if_none_exist="identifier=urn:ins|1")
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.headers["location"] == second.headers["location"]


def test_a_conditional_create_of_several_matches_is_refused(client, issue_of):
    client.post("/Patient", person())
    client.post("/Patient", person())
    answer = client.post("/Patient", person(), if_none_exist="identifier=urn:ins|1")
    assert (answer.status_code, issue_of(answer)["code"]) == (412, "multiple-matches")


@pytest.mark.parametrize("condition", ["", "nonsense=1", "identifier=", "_count=1", "_sort=_id"])
def test_a_condition_that_says_nothing_is_refused(client, condition):
    assert client.post("/Patient", person(), if_none_exist=condition).status_code == 412
    assert client.get("/Patient").json()["total"] == 0


def test_a_search_in_the_url_of_a_create_is_not_passed_over(client):
    answer = client.post("/Patient?identifier=urn:ins|1", person())
    assert answer.status_code == 400
    assert "If-None-Exist: identifier=" in answer.json()["issue"][0]["diagnostics"]
    assert client.get("/Patient?_summary=count").json()["total"] == 0
    assert client.post("/Patient?_pretty=true", person()).status_code == 201


def test_fifty_conditional_creates_at_once_make_one_resource(client, loop):
    answers = together(client, loop, PARALLEL, "POST", "/Patient", lambda _: person(), {"if-none-exist": "identifier=urn:ins|1"})
    assert sorted(answer.status_code for answer in answers) == [200] * (PARALLEL - 1) + [201]
    assert client.get("/Patient?identifier=urn:ins|1").json()["total"] == 1
    assert len({answer.headers["location"] for answer in answers}) == 1


def test_fifty_transactions_with_one_conditional_create_at_once_make_one_resource(client, loop):
    entry = {"resource": person(), "request": {"method": "POST", "url": "Patient", "ifNoneExist": "identifier=urn:ins|1"}}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    answers = together(client, loop, PARALLEL, "POST", "/", lambda _: bundle, {})
    assert {answer.status_code for answer in answers} == {200}
    assert client.get("/Patient").json()["total"] == 1


# -- update


def test_a_conditional_update_of_nothing_creates_under_a_new_id(client):
    answer = client.put("/Patient?identifier=urn:ins|1", person())
    assert (answer.status_code, answer.headers["etag"]) == (201, 'W/"1"')


def test_a_conditional_update_of_nothing_with_an_id_creates_under_that_id(client):
    assert client.put("/Patient?identifier=urn:ins|1", person(id="mine")).status_code == 201
    assert client.get("/Patient/mine").status_code == 200


def test_a_conditional_update_of_nothing_overwrites_no_other_resource(client, issue_of):
    client.put("/Patient/mine", person("other", id="mine"))
    answer = client.put("/Patient?identifier=urn:ins|1", person(id="mine"))
    assert (answer.status_code, issue_of(answer)["code"]) == (409, "conflict")


@pytest.mark.parametrize("body_id", [{}, {"id": "p1"}])
def test_a_conditional_update_of_one_replaces_it(client, body_id):
    client.put("/Patient/p1", person(id="p1"))
    answer = client.put("/Patient?identifier=urn:ins|1", person(active=True, **body_id))
    assert (answer.status_code, answer.headers["etag"], answer.json()["id"]) == (200, 'W/"2"', "p1")


def test_a_conditional_update_of_one_with_another_id_is_refused(client):
    client.put("/Patient/p1", person(id="p1"))
    assert client.put("/Patient?identifier=urn:ins|1", person(id="p2")).status_code == 400


def test_a_conditional_update_of_several_is_refused(client, issue_of):
    client.post("/Patient", person())
    client.post("/Patient", person())
    answer = client.put("/Patient?identifier=urn:ins|1", person())
    assert (answer.status_code, issue_of(answer)["code"]) == (412, "multiple-matches")


@pytest.mark.parametrize(("if_match", "status"), [('W/"1"', 200), ('W/"7"', 412), ("*", 200), ('W/"7", W/"1"', 200)])
def test_a_conditional_update_heeds_if_match(client, if_match, status):
    client.put("/Patient/p1", person(id="p1"))
    assert client.put("/Patient?identifier=urn:ins|1", person(active=True), if_match=if_match).status_code == status


def test_a_conditional_update_of_any_version_creates_nothing(client):
    assert client.put("/Patient?identifier=urn:ins|1", person(), if_match="*").status_code == 412
    assert client.get("/Patient").json()["total"] == 0


def test_fifty_conditional_updates_at_once_make_one_resource_and_lose_no_version(client, loop):
    answers = together(
        client, loop, PARALLEL, "PUT", "/Patient?identifier=urn:ins|1", lambda number: person(multipleBirthInteger=number), {}
    )
    assert sorted(answer.status_code for answer in answers) == [200] * (PARALLEL - 1) + [201]
    assert client.get("/Patient").json()["total"] == 1
    assert versions(client, f"/Patient/{answers[0].json()['id']}") == list(range(1, PARALLEL + 1))


def test_of_fifty_updates_with_one_if_match_one_wins(client, loop):
    client.put("/Patient/p1", person(id="p1"))
    answers = together(
        client, loop, PARALLEL, "PUT", "/Patient/p1", lambda number: person(id="p1", multipleBirthInteger=number), {"if-match": 'W/"1"'}
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * (PARALLEL - 1)
    assert versions(client, "/Patient/p1") == [1, 2]


def test_fifty_patches_at_once_all_count(client, loop):
    client.put("/Patient/p1", person(id="p1"))
    parts = [
        {"name": "type", "valueCode": "add"},
        {"name": "path", "valueString": "Patient"},
        {"name": "name", "valueString": "identifier"},
    ]

    def adding(number):
        value = {"name": "value", "valueIdentifier": {"system": "urn:n", "value": str(number)}}
        return {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": [*parts, value]}]}

    answers = together(client, loop, PARALLEL, "PATCH", "/Patient/p1", adding, {})
    assert {answer.status_code for answer in answers} == {200}
    assert len(client.get("/Patient/p1").json()["identifier"]) == PARALLEL + 1
    assert versions(client, "/Patient/p1") == list(range(1, PARALLEL + 2))


def test_if_none_match_star_lets_an_update_only_create(client):
    assert client.put("/Patient/p1", person(id="p1"), if_none_match="*").status_code == 201
    assert client.put("/Patient/p1", person(id="p1"), if_none_match="*").status_code == 412
    client.delete("/Patient/p1")
    assert client.put("/Patient/p1", person(id="p1"), if_none_match="*").status_code == 201


# -- delete


def test_a_conditional_delete_takes_the_one_that_matches(client):
    client.put("/Patient/p1", person(id="p1"))
    assert client.delete("/Patient?identifier=urn:ins|1").status_code == 204
    assert client.get("/Patient/p1").status_code == 410
    assert client.delete("/Patient?identifier=urn:ins|1").status_code == 204


def test_a_conditional_delete_of_several_is_refused_unless_it_is_set(client, variant):
    for _ in range(3):
        client.post("/Patient", person())
    assert client.delete("/Patient?identifier=urn:ins|1").status_code == 412
    answer = variant(deletes="multiple").delete("/Patient?identifier=urn:ins|1", prefer="return=OperationOutcome")
    assert len(answer.json()["issue"]) == 3
    assert client.get("/Patient").json()["total"] == 0


@pytest.mark.parametrize("deletes", ["single", "multiple"])
def test_the_capability_statement_says_what_a_conditional_delete_takes(variant, deletes):
    patient = next(one for one in variant(deletes=deletes).get("/metadata").json()["rest"][0]["resource"] if one["type"] == "Patient")
    assert patient["conditionalDelete"] == deletes
    assert patient["conditionalUpdate"] is True


@pytest.mark.parametrize("query", ["", "?_count=5", "?nonsense=1", "?identifier="])
def test_a_delete_without_a_condition_deletes_nothing(client, query):
    client.post("/Patient", person())
    assert client.delete(f"/Patient{query}").status_code == 412
    assert client.get("/Patient").json()["total"] == 1


@pytest.mark.parametrize(("deletes", "statuses"), [("single", "412 Precondition Failed"), ("multiple", "204 No Content")])
@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_a_conditional_delete_may_be_an_entry(client, variant, deletes, statuses, kind):
    client.post("/Patient", person())
    client.post("/Patient", person())
    entry = {"request": {"method": "DELETE", "url": "Patient?identifier=urn:ins|1"}}
    answer = variant(deletes=deletes).post("/", {"resourceType": "Bundle", "type": kind, "entry": [entry]})
    if kind == "transaction" and deletes == "single":
        assert answer.status_code == 412
    else:
        assert answer.json()["entry"][0]["response"]["status"] == statuses
    assert client.get("/Patient").json()["total"] == (2 if deletes == "single" else 0)


# -- referential integrity

PLAN = {"resourceType": "CarePlan", "id": "c1", "status": "active", "intent": "plan", "subject": {"reference": "Patient/p1"}}


def test_integrity_is_off_unless_it_is_set(client):
    assert client.put("/CarePlan/c1", PLAN).status_code == 201
    assert client.delete("/Patient/p1").status_code == 204


def test_integrity_may_be_told(variant, issue_of):
    client = variant(integrity="warn")
    told = client.put("/CarePlan/c1", PLAN, prefer="return=OperationOutcome").json()["issue"]
    assert [(one["severity"], one.get("expression")) for one in told] == [("information", None), ("warning", ["CarePlan.subject"])]
    client.put("/Patient/p1", person(id="p1"))
    told = client.delete("/Patient/p1", prefer="return=OperationOutcome").json()["issue"]
    assert "CarePlan/c1" in told[1]["diagnostics"]


def test_enforced_integrity_refuses_a_reference_to_what_is_not_there(variant, issue_of):
    client = variant(integrity="enforce")
    answer = client.put("/CarePlan/c1", PLAN)
    assert (answer.status_code, issue_of(answer)["expression"]) == (422, ["CarePlan.subject"])
    client.put("/Patient/p1", person(id="p1"))
    assert client.put("/CarePlan/c1", PLAN).status_code == 201


def test_enforced_integrity_keeps_what_is_referred_to(variant, issue_of):
    client = variant(integrity="enforce")
    client.put("/Patient/p1", person(id="p1"))
    client.put("/CarePlan/c1", PLAN)
    answer = client.delete("/Patient/p1")
    assert (answer.status_code, issue_of(answer)["code"]) == (409, "conflict")
    assert client.delete("/Patient?identifier=urn:ins|1").status_code == 409
    client.delete("/CarePlan/c1")
    assert client.delete("/Patient/p1").status_code == 204


def test_enforced_integrity_looks_at_a_transaction_as_a_whole(variant, issue_of):
    client = variant(integrity="enforce")
    made = [
        {"resource": PLAN, "request": {"method": "PUT", "url": "CarePlan/c1"}},
        {"resource": person(id="p1"), "request": {"method": "PUT", "url": "Patient/p1"}},
    ]
    assert client.post("/", {"resourceType": "Bundle", "type": "transaction", "entry": made}).status_code == 200
    alone = client.post(
        "/", {"resourceType": "Bundle", "type": "transaction", "entry": [{"request": {"method": "DELETE", "url": "Patient/p1"}}]}
    )
    assert (alone.status_code, issue_of(alone)["expression"]) == (409, ["Bundle.entry[0]"])
    both = [{"request": {"method": "DELETE", "url": url}} for url in ("Patient/p1", "CarePlan/c1")]
    assert client.post("/", {"resourceType": "Bundle", "type": "transaction", "entry": both}).status_code == 200


def test_enforced_integrity_finds_who_refers_behind_many_that_are_deleted_too(variant, issue_of):
    client = variant(integrity="enforce")
    client.put("/Patient/p1", person(id="p1"))
    for number in range(61):
        client.put(f"/CarePlan/c{number}", PLAN | {"id": f"c{number}"})
    gone = [{"request": {"method": "DELETE", "url": url}} for url in ("Patient/p1", *(f"CarePlan/c{number}" for number in range(60)))]
    answer = client.post("/", {"resourceType": "Bundle", "type": "transaction", "entry": gone})
    assert (answer.status_code, issue_of(answer)["code"]) == (409, "conflict")
    assert "CarePlan/c60" in issue_of(answer)["diagnostics"]


def test_enforced_integrity_holds_when_references_and_deletions_race(variant, loop):
    client = variant(integrity="enforce")
    for number in range(10):
        client.put(f"/Patient/p{number}", person(id=f"p{number}"))

    async def both(number):
        plan = PLAN | {"id": f"c{number}", "subject": {"reference": f"Patient/p{number}"}}
        return await asyncio.gather(
            client._client.put(f"{client.BASE}/CarePlan/c{number}", json=plan, headers={"content-type": "application/fhir+json"}),
            client._client.delete(f"{client.BASE}/Patient/p{number}"),
        )

    async def race():
        return await asyncio.gather(*map(both, range(10)))

    for written, deleted in loop.run_until_complete(race()):
        assert (written.status_code, deleted.status_code) in {(201, 409), (422, 204)}


def test_a_refused_condition_does_not_say_that_something_was_left_out(client, issue_of):
    answer = client.post("/Patient", person(), if_none_exist="shoe-size=42")
    assert answer.status_code == 412
    assert "shoe-size" in issue_of(answer)["diagnostics"]
    assert "left out" not in issue_of(answer)["diagnostics"]
