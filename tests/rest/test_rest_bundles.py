"""batch and transaction over HTTP (https://hl7.org/fhir/R4/http.html#transaction); the rules themselves are tested with interactions."""

from __future__ import annotations

import pytest

PERSON = {"resourceType": "Patient", "name": [{"family": "Durand"}]}


PERSON_URL = "urn:uuid:6e0f6a5e-0a3e-4a5f-9b46-0d3c8a2f1b11"
PLAN = {"resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": {"reference": PERSON_URL}}
WRONG = {"resourceType": "Patient", "colour": "red"}


def bundle(kind, *entries):
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


def entry(method, url, resource=None, full_url=None):
    made = {"request": {"method": method, "url": url}}
    return made | ({"resource": resource} if resource else {}) | ({"fullUrl": full_url} if full_url else {})


def test_a_transaction_is_stored_with_its_links_resolved(client):
    answer = client.post("/", bundle("transaction", entry("POST", "CarePlan", PLAN), entry("POST", "Patient", PERSON, PERSON_URL)))
    assert answer.status_code == 200
    assert answer.json()["type"] == "transaction-response"
    places = [one["response"]["location"] for one in answer.json()["entry"]]
    stored = client.get("/" + places[0].partition("/_history")[0]).json()
    assert stored["subject"]["reference"] == places[1].partition("/_history")[0]


def test_a_transaction_with_one_wrong_entry_stores_nothing(client, issue_of):
    answer = client.post("/", bundle("transaction", entry("POST", "Patient", PERSON), entry("POST", "Patient", WRONG)))
    assert answer.status_code == 400
    assert issue_of(answer)["expression"][0].startswith("Bundle.entry[1]")
    assert client.get("/_history").json()["total"] == 0


def test_a_batch_stores_what_is_good(client):
    asked = (entry("POST", "Patient", WRONG), entry("POST", "Patient", PERSON), entry("GET", "Patient/nobody"))
    answer = client.post("/", bundle("batch", *asked))
    assert [one["response"]["status"] for one in answer.json()["entry"]] == ["400 Bad Request", "201 Created", "404 Not Found"]
    assert client.get("/_history").json()["total"] == 1


def test_a_batch_comes_and_goes_as_xml(client):
    body = b"""<Bundle xmlns="http://hl7.org/fhir"><type value="batch"/><entry>
        <resource><Patient><active value="true"/></Patient></resource><request><method value="POST"/><url value="Patient"/></request>
        </entry></Bundle>"""
    answer = client.post("/", body, content_type="application/fhir+xml", accept="application/fhir+xml")
    assert answer.status_code == 200
    assert b'<status value="201 Created"/>' in answer.content


def test_the_stored_resources_come_back_when_asked(client):
    asked = bundle("transaction", entry("POST", "Patient", PERSON))
    shown = client.post("/", asked, prefer="return=representation").json()["entry"][0]["resource"]
    assert shown["name"] == PERSON["name"]
    assert "resource" not in client.post("/", asked).json()["entry"][0]


@pytest.mark.parametrize("path", ["/", ""])
def test_the_base_has_a_slash_or_none(client, path):
    assert client.post(path, bundle("batch")).status_code == 200


@pytest.mark.parametrize(
    ("body", "says"),
    [(PERSON, "not a Patient"), (bundle("collection"), "collection"), ({"resourceType": "Bundle"}, "None"), (bundle(["batch"]), "batch")],
)
def test_the_base_takes_nothing_else(client, issue_of, body, says):
    answer = client.post("/", body)
    assert answer.status_code == 400
    assert says in issue_of(answer)["diagnostics"]


def test_a_large_transaction_is_decoded_beside_the_loop(client):
    people = [entry("POST", "Patient", PERSON | {"name": [{"family": "x" * 900}]}) for _ in range(200)]
    answer = client.post("/", bundle("transaction", *people))
    assert answer.status_code == 200
    assert client.get("/_history?_count=1").json()["total"] == 200


def test_a_search_within_a_batch_has_its_pages(client):
    for number in range(3):
        client.put(f"/Patient/p{number}", {"resourceType": "Patient", "id": f"p{number}"})
    answer = client.post("/", bundle("batch", entry("GET", "Patient?_count=2")))
    found = answer.json()["entry"][0]["resource"]
    links = {link["relation"]: link["url"] for link in found["link"]}
    assert links.keys() == {"self", "first", "next", "last"}
    following = client.get(links["next"]).json()
    ids = [one["resource"]["id"] for page in (found, following) for one in page["entry"]]
    assert sorted(ids) == ["p0", "p1", "p2"]
