"""Batch and transaction to the letter of https://hl7.org/fhir/R4/http.html#transaction, as a client sees them."""

from __future__ import annotations

import pytest

ORGANIZATION = {"resourceType": "Organization", "identifier": [{"system": "urn:finess", "value": "9"}], "name": "CH"}
ORGANIZATION_URL = "urn:uuid:6e0f6a5e-0a3e-4a5f-9b46-0d3c8a2f1b11"
PATIENT_URL = "urn:uuid:6e0f6a5e-0a3e-4a5f-9b46-0d3c8a2f1b12"


def patient(value="1", **more):
    return {"resourceType": "Patient", "identifier": [{"system": "urn:ins", "value": value}]} | more


def entry(method, url, resource=None, full_url=None, **request):
    made = {"request": {"method": method, "url": url} | request}
    return made | ({"resource": resource} if resource else {}) | ({"fullUrl": full_url} if full_url else {})


def bundle(kind, *entries):
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


def statuses(answer):
    assert answer.status_code == 200, answer.text
    return [one["response"]["status"] for one in answer.json()["entry"]]


def place(answer, position):
    """`Patient/123` of an entry of the response."""
    return answer.json()["entry"][position]["response"]["location"].partition("/_history")[0]


# -- order


def test_deletes_come_before_creates_and_reads_last_whatever_the_order_of_the_entries(client):
    client.put("/Patient/old", patient(id="old"))
    answer = client.post("/", bundle(
        "transaction",
        entry("GET", "Patient?identifier=urn:ins|1"),
        entry("POST", "Patient", patient(), ifNoneExist="identifier=urn:ins|1"),
        entry("DELETE", "Patient/old"),
    ))  # fmt: skip
    assert statuses(answer) == ["200 OK", "201 Created", "204 No Content"]
    found = answer.json()["entry"][0]["resource"]
    assert [one["resource"]["id"] for one in found["entry"]] == [place(answer, 1).partition("/")[2]]


@pytest.mark.parametrize(
    "second",
    [
        entry("DELETE", "Patient/p1"),
        entry("PUT", "Patient?identifier=urn:ins|1", patient(id="p1")),
        entry("PATCH", "Patient/p1", {"resourceType": "Parameters"}),
        entry("DELETE", "Patient?identifier=urn:ins|1"),
    ],
    ids=lambda one: f"{one['request']['method']} {one['request']['url']}",
)
def test_one_resource_written_twice_is_refused_and_both_entries_are_named(client, issue_of, second):
    client.put("/Patient/p1", patient(id="p1"))
    answer = client.post("/", bundle("transaction", entry("PUT", "Patient/p1", patient(id="p1", active=True)), second))
    assert answer.status_code == 400
    assert {"Bundle.entry[0]", "Bundle.entry[1]"} <= set(issue_of(answer)["diagnostics"].replace(",", "").split())
    assert client.get("/Patient/p1").headers["etag"] == 'W/"1"'


# -- links

LINKED = {
    "a reference": (lambda url: {"managingOrganization": {"reference": url}}, lambda one: one["managingOrganization"]["reference"], ""),
    "a reference with a fragment": (
        lambda url: {"managingOrganization": {"reference": url + "#x"}}, lambda one: one["managingOrganization"]["reference"], "#x",
    ),
    "the version of what is created": (
        lambda url: {"managingOrganization": {"reference": url + "/_history/7"}},
        lambda one: one["managingOrganization"]["reference"],
        "/_history/1",
    ),
    "the url of an attachment": (lambda url: {"photo": [{"url": url}]}, lambda one: one["photo"][0]["url"], ""),
    "a uri in an extension": (
        lambda url: {"extension": [{"url": "http://example.org/x", "valueUri": url}]}, lambda one: one["extension"][0]["valueUri"], "",
    ),
    "a reference in a contained resource": (
        lambda url: {"contained": [{"resourceType": "Organization", "id": "c", "partOf": {"reference": url}}]},
        lambda one: one["contained"][0]["partOf"]["reference"],
        "",
    ),
    "an address in the narrative": (
        lambda url: {"text": {"status": "additional", "div": f"<div xmlns='http://www.w3.org/1999/xhtml'><a href='{url}'>x</a></div>"}},
        lambda one: one["text"]["div"].partition("href='")[2].partition("'")[0],
        "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("url", [ORGANIZATION_URL, "http://other.example/fhir/Organization/1"])
@pytest.mark.parametrize(("making", "found", "after"), LINKED.values(), ids=LINKED)
def test_links_to_an_entry_lead_to_what_it_is_stored_as(client, url, making, found, after):
    entries = (entry("POST", "Patient", patient(**making(url))), entry("POST", "Organization", ORGANIZATION, url))
    answer = client.post("/", bundle("transaction", *entries))
    assert statuses(answer) == ["201 Created", "201 Created"]
    assert found(client.get("/" + place(answer, 0)).json()) == place(answer, 1) + after


NOT_LINKED = {
    "canonical": (lambda url: {"meta": {"profile": [url]}}, lambda one: one["meta"]["profile"][0]),
    "the value of an identifier": (lambda url: {"identifier": [{"value": url}]}, lambda one: one["identifier"][0]["value"]),
    "text": (lambda url: {"name": [{"text": url}]}, lambda one: one["name"][0]["text"]),
}


def test_the_url_that_names_a_form_is_no_link_even_where_the_entry_goes_by_it(client):
    url = "https://forms.example/Questionnaire/falls"
    form = {"resourceType": "Questionnaire", "url": url, "status": "active"}
    answer = client.post("/", bundle("transaction", entry("POST", "Questionnaire", form, url)))
    assert client.get(f"/{place(answer, 0)}").json()["url"] == url


@pytest.mark.parametrize(("making", "found"), NOT_LINKED.values(), ids=NOT_LINKED)
def test_what_only_looks_like_a_link_stays(client, making, found):
    entries = (
        entry("POST", "Patient", patient(**making(ORGANIZATION_URL))),
        entry("POST", "Organization", ORGANIZATION, ORGANIZATION_URL),
    )
    answer = client.post("/", bundle("transaction", *entries))
    assert found(client.get("/" + place(answer, 0)).json()) == ORGANIZATION_URL


def test_two_entries_may_refer_to_each_other(client):
    one = {"resourceType": "Organization", "partOf": {"reference": PATIENT_URL}}
    other = {"resourceType": "Organization", "partOf": {"reference": ORGANIZATION_URL}}
    entries = (entry("POST", "Organization", one, ORGANIZATION_URL), entry("POST", "Organization", other, PATIENT_URL))
    answer = client.post("/", bundle("transaction", *entries))
    places = place(answer, 0), place(answer, 1)
    assert [client.get("/" + where).json()["partOf"]["reference"] for where in places] == [places[1], places[0]]


def test_a_conditional_reference_finds_what_is_stored(client):
    stored = client.post("/Organization", ORGANIZATION).json()["id"]
    child = patient(managingOrganization={"reference": "Organization?identifier=urn:finess|9"})
    answer = client.post("/", bundle("transaction", entry("POST", "Patient", child)))
    assert client.get("/" + place(answer, 0)).json()["managingOrganization"]["reference"] == f"Organization/{stored}"


def test_a_conditional_reference_finds_what_an_entry_creates_under_the_same_condition(client):
    condition = "identifier=urn:finess|9"
    child = patient(managingOrganization={"reference": f"Organization?{condition}"})
    entries = (entry("POST", "Patient", child), entry("POST", "Organization", ORGANIZATION, ifNoneExist=condition))
    answer = client.post("/", bundle("transaction", *entries))
    assert client.get("/" + place(answer, 0)).json()["managingOrganization"]["reference"] == place(answer, 1)


@pytest.mark.parametrize(("stored", "code"), [(0, "not-found"), (2, "multiple-matches")])
def test_a_conditional_reference_that_finds_none_or_several_fails_the_transaction(client, issue_of, stored, code):
    for _ in range(stored):
        client.post("/Organization", ORGANIZATION)
    child = patient(managingOrganization={"reference": "Organization?identifier=urn:finess|9"})
    answer = client.post(
        "/",
        bundle("transaction", entry("POST", "Basic", {"resourceType": "Basic", "code": {"text": "x"}}), entry("POST", "Patient", child)),
    )
    assert (answer.status_code, issue_of(answer)["code"]) == (412, code)
    assert issue_of(answer)["expression"][0].startswith("Bundle.entry[1]")
    assert client.get("/_history").json()["total"] == stored


# -- conditions of entries


@pytest.mark.parametrize("kind", ["batch", "transaction"])
@pytest.mark.parametrize(("method", "resource"), [("PUT", patient(id="p1", active=False)), ("DELETE", None)])
def test_if_match_of_an_entry_is_heeded_and_the_entry_named(client, issue_of, kind, method, resource):
    client.put("/Patient/p1", patient(id="p1"))
    first = entry("POST", "Patient", patient("2"))
    answer = client.post("/", bundle(kind, first, entry(method, "Patient/p1", resource, ifMatch='W/"7"')))
    if kind == "transaction":
        assert (answer.status_code, issue_of(answer)["expression"]) == (412, ["Bundle.entry[1]"])
    else:
        assert statuses(answer) == ["201 Created", "412 Precondition Failed"]
    assert client.get("/Patient").json()["total"] == (1 if kind == "transaction" else 2)
    assert client.post("/", bundle(kind, entry(method, "Patient/p1", resource, ifMatch='W/"1"'))).status_code == 200


READS = {
    "the version it has": ({"ifNoneMatch": 'W/"1"'}, "304 Not Modified"),
    "any version": ({"ifNoneMatch": "*"}, "304 Not Modified"),
    "another version": ({"ifNoneMatch": 'W/"2"'}, "200 OK"),
    "since long after": ({"ifModifiedSince": "2100-01-01T00:00:00Z"}, "304 Not Modified"),
    "since long ago": ({"ifModifiedSince": "2000-01-01T00:00:00Z"}, "200 OK"),
}


@pytest.mark.parametrize("kind", ["batch", "transaction"])
@pytest.mark.parametrize(("condition", "status"), READS.values(), ids=READS)
def test_a_read_may_be_conditional(client, kind, condition, status):
    client.put("/Patient/p1", patient(id="p1"))
    answer = client.post("/", bundle(kind, entry("GET", "Patient/p1", **condition)))
    assert statuses(answer) == [status]
    assert ("resource" in answer.json()["entry"][0]) == (status == "200 OK")


@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_a_put_with_if_none_match_star_only_creates(client, kind):
    asked = bundle(kind, entry("PUT", "Patient/p1", patient(id="p1"), ifNoneMatch="*"))
    assert client.post("/", asked).json()["entry"][0]["response"]["status"] == "201 Created"
    again = client.post("/", asked)
    assert again.status_code == 412 if kind == "transaction" else statuses(again) == ["412 Precondition Failed"]


# -- what else may be asked

ASKED = {
    "a search": entry("GET", "Patient?_id=p1"),
    "a search by POST": entry("POST", "Patient/_search?_id=p1"),
    "a search by POST with a form": entry(
        "POST", "Patient/_search", {"resourceType": "Parameters", "parameter": [{"name": "_id", "valueString": "p1"}]}
    ),
    "a version": entry("GET", "Patient/p1/_history/1"),
    "a history": entry("GET", "Patient/p1/_history"),
    "the history of the system": entry("GET", "_history?_count=1"),
    "the capabilities": entry("GET", "metadata"),
    "an operation on a resource": entry("GET", "Patient/p1/$meta"),
    "an operation by POST": entry("POST", "Patient/$validate", patient()),
}


@pytest.mark.parametrize("kind", ["batch", "transaction"])
@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
def test_searches_histories_and_operations_may_be_entries(client, kind, asked):
    client.put("/Patient/p1", patient(id="p1"))
    answer = client.post("/", bundle(kind, asked))
    assert statuses(answer) == ["200 OK"]
    assert answer.json()["entry"][0]["resource"]["resourceType"] in (
        "Bundle", "Patient", "CapabilityStatement", "Parameters", "OperationOutcome",
    )  # fmt: skip


def test_a_search_among_the_entries_answers_as_over_http(client):
    client.put("/Patient/p1", patient(id="p1"))
    alone = client.get("/Patient?_id=p1").json()
    (only,) = client.post("/", bundle("batch", entry("GET", "Patient?_id=p1"))).json()["entry"]
    assert only["resource"]["entry"] == alone["entry"]
    assert only["resource"]["link"] == alone["link"]


def test_a_strict_batch_refuses_an_unknown_parameter(client):
    asked = bundle("batch", entry("GET", "Patient?nonsense=1"))
    assert statuses(client.post("/", asked)) == ["200 OK"]
    assert statuses(client.post("/", asked, prefer="handling=strict")) == ["400 Bad Request"]


def test_head_answers_without_the_resource(client):
    client.put("/Patient/p1", patient(id="p1"))
    (only,) = client.post("/", bundle("batch", entry("HEAD", "Patient/p1"))).json()["entry"]
    assert only["response"]["etag"] == 'W/"1"'
    assert "resource" not in only


@pytest.mark.parametrize(
    "asked",
    [
        entry("POST", "", bundle("batch")),
        entry("GET", "Patient/p1/$nothing"),
        entry("POST", "Patient/p1/$meta-add", {"resourceType": "Parameters"}),
        entry("GET", "Martian"),
    ],
    ids=lambda one: one["request"]["url"],
)
def test_what_cannot_be_asked_in_a_transaction_is_refused_before_anything_is_written(client, issue_of, asked):
    answer = client.post("/", bundle("transaction", entry("POST", "Patient", patient()), asked))
    assert answer.status_code in (404, 405, 501)
    assert issue_of(answer)["expression"][0].startswith("Bundle.entry[1]")
    assert client.get("/_history").json()["total"] == 0


def test_a_batch_goes_on_after_every_kind_of_failure(client):
    asked = (
        entry("GET", "Patient/nobody"), entry("PUT", "Patient/p1", patient(id="p2")), entry("POST", "Patient", patient(colour="red")),
        entry("PATCH", "Patient/nobody", {"resourceType": "Parameters"}), entry("DELETE", "Martian/1"), entry("POST", "Patient", patient()),
    )  # fmt: skip
    found = [status[:3] for status in statuses(client.post("/", bundle("batch", *asked)))]
    assert found == ["404", "400", "400", "404", "404", "201"]


@pytest.mark.parametrize("kind", ["batch", "transaction"])
@pytest.mark.parametrize(("wanted", "has"), [("minimal", None), ("representation", "resource"), ("OperationOutcome", "outcome")])
def test_prefer_says_what_the_entries_of_the_response_hold(client, kind, wanted, has):
    answer = client.post("/", bundle(kind, entry("POST", "Patient", patient())), prefer=f"return={wanted}").json()["entry"][0]
    assert ("resource" in answer, "outcome" in answer["response"]) == (has == "resource", has == "outcome")
    assert {"status", "location", "etag", "lastModified"} <= answer["response"].keys()


def test_of_a_thousand_entries_with_a_fault_in_the_last_nothing_is_written_and_the_fault_is_named(client, issue_of):
    people = [entry("POST", "Patient", patient(str(number))) for number in range(999)]
    answer = client.post("/", bundle("transaction", *people, entry("PUT", "Patient/x", patient(id="x", birthDate="soon"))))
    assert answer.status_code == 400
    assert issue_of(answer)["expression"] == ["Bundle.entry[999].resource.birthDate"]
    assert client.get("/_history").json()["total"] == 0


# -- meta


def labels(*codes, profile=()):
    meta = {"tag": [{"system": "urn:t", "code": code} for code in codes]} | ({"profile": list(profile)} if profile else {})
    return {"resourceType": "Parameters", "parameter": [{"name": "meta", "valueMeta": meta}]}


def returned(answer):
    assert answer.status_code == 200, answer.text
    return answer.json()["parameter"][0]["valueMeta"]


def test_labels_are_added_once_and_taken_away(client):
    client.put("/Patient/p1", patient(id="p1"))
    client.post("/Patient/p1/$meta-add", labels("a", "b", profile=["http://example.org/p"]))
    added = returned(client.post("/Patient/p1/$meta-add", labels("b", "c")))
    assert [tag["code"] for tag in added["tag"]] == ["a", "b", "c"]
    assert added["versionId"] == "3"
    assert returned(client.post("/Patient/p1/$meta-add", labels("a")))["versionId"] == "3"
    left = returned(client.post("/Patient/p1/$meta-delete", labels("a", "b", "c", "z")))
    assert "tag" not in left
    assert left["profile"] == ["http://example.org/p"]
    assert returned(client.get("/Patient/p1/$meta")) == left
    assert "tag" not in returned(client.get("/Patient/p1/_history/1/$meta"))


def test_the_labels_in_use_are_those_of_the_resources_that_are_there(client):
    client.put("/Patient/p1", patient(id="p1", meta={"tag": [{"code": "a"}]}))
    client.put("/Patient/p2", patient(id="p2", meta={"tag": [{"code": "a"}, {"code": "b"}]}))
    client.put("/Organization/o1", ORGANIZATION | {"id": "o1", "meta": {"security": [{"code": "R"}]}})
    client.put("/Patient/p3", patient(id="p3", meta={"tag": [{"code": "gone"}]}))
    client.delete("/Patient/p3")
    assert returned(client.get("/Patient/$meta")) == {"tag": [{"code": "a"}, {"code": "b"}]}
    assert returned(client.get("/$meta")) == {"security": [{"code": "R"}], "tag": [{"code": "a"}, {"code": "b"}]}


@pytest.mark.parametrize("body", [{"resourceType": "Parameters"}, patient()])
def test_labels_come_as_parameters(client, body):
    client.put("/Patient/p1", patient(id="p1"))
    assert client.post("/Patient/p1/$meta-add", body).status_code == 400
    assert client.post("/Patient/nobody/$meta-add", labels("a")).status_code == 404


@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_the_answer_to_a_bundle_without_entries_has_no_empty_array(client, kind):
    assert client.post("/", {"resourceType": "Bundle", "type": kind}).json() == {"resourceType": "Bundle", "type": f"{kind}-response"}


def test_an_absolute_url_in_an_entry_is_told_to_be_relative(client):
    answer = client.post("/", bundle("batch", entry("GET", "http://testserver/fhir/Patient/1"))).json()
    (issue,) = answer["entry"][0]["response"]["outcome"]["issue"]
    assert "relative to the base" in issue["diagnostics"]
