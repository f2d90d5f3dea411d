"""Searches of all types and of compartments, and links that lead from page to page
(https://hl7.org/fhir/R4/http.html#search, https://hl7.org/fhir/R4/compartmentdefinition.html#search).
"""

from __future__ import annotations

from urllib.parse import parse_qs, quote, urlsplit

import pytest

from fhir_server.search.page import After, page_token

FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
def ward(client):
    """Two patients, each with two observations; one is on a list."""
    for patient in ("p1", "p2"):
        client.put(f"/Patient/{patient}", {"resourceType": "Patient", "id": patient, "name": [{"family": f"Née {patient}"}]})
        for number in (1, 2):
            code = {"coding": [{"system": "http://loinc.org", "code": f"code-{number}", "display": "Fièvre" if number == 1 else "Poids"}]}
            client.put(*observation(f"{patient}-o{number}", f"Patient/{patient}", code))
    text = {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Tr&#232;s <b>urgent</b></div>'}
    entry = [{"item": {"reference": "Patient/p2"}}, {"item": {"reference": "Observation/p1-o1"}}]
    client.put("/List/l1", {"resourceType": "List", "id": "l1", "status": "current", "mode": "working", "entry": entry, "text": text})
    return client


def observation(id_, subject, code):
    """Its address, and itself."""
    resource = {"resourceType": "Observation", "id": id_, "status": "final", "subject": {"reference": subject}, "code": code}
    return f"/Observation/{id_}", resource


def found(response):
    assert response.status_code == 200, response.text
    return [entry["resource"]["id"] for entry in response.json().get("entry", []) if entry["search"]["mode"] == "match"]


def link(response, relation):
    return {one["relation"]: one["url"] for one in response.json()["link"]}.get(relation)


PLACES = {
    "/?_type=Patient": "p1 p2",
    "/?_type=Patient,List&_sort=_id": "l1 p1 p2",
    "/?_id=p1,l1": "p1 l1",
    "/Patient/p1/Observation": "p1-o1 p1-o2",
    "/Patient/p1/Observation?code=code-2": "p1-o2",
    "/Patient/p1/*": "p1-o1 p1-o2",
    "/Patient/p1/*?_type=Observation&_sort=-_id": "p1-o2 p1-o1",
    "/Patient/p1/*?_type=Observation,Condition&_sort=-_id": "p1-o2 p1-o1",
    "/Patient/p1/*?_type=Encounter,Condition": "",
    "/Patient/p1/*?_type=Practitioner,Organization": "",
    "/Patient/nobody/*": "",
    "/Patient?_list=l1": "p2",
    "/Observation?_list=l1": "p1-o1",
    "/?_list=l1": "p2 p1-o1",
    "/Observation?_content=fievre": "p1-o1 p2-o1",
    "/Observation?_content=FIÈVRE or poids": "p1-o1 p1-o2 p2-o1 p2-o2",
    "/List?_text=tres urgent": "l1",
    '/List?_text="urgent tres"': "",
    '/List?_text="tres urgent"': "l1",
    "/List?_content=urgent": "l1",
    "/Patient?_text=nee": "",
    "/Patient?_has:Observation:patient:_list=l1": "p1",
}


@pytest.mark.parametrize(("address", "expected"), PLACES.items())
def test_a_place_has_these(ward, address, expected):
    path, _, query = address.partition("?")
    assert sorted(found(ward.get(f"{path}?{quote(query, safe='=&,:-_*')}"))) == sorted(expected.split())


BY_FORM = ["/?_type=Patient", "/Patient/p1/Observation?code=code-2", "/Patient/p1/*?_type=Observation&_sort=-_id"]


@pytest.mark.parametrize("address", BY_FORM)
def test_the_same_can_be_asked_by_a_form(ward, address):
    path, _, query = address.partition("?")
    answer = ward.request("POST", f"{path.rstrip('/')}/_search", content=query, headers=FORM)
    assert sorted(found(answer)) == sorted(PLACES[address].split())


@pytest.mark.parametrize("address", ["/Patient/p1/*", "/Patient/p1/Observation?code=code-1", "/?_type=Patient"])
def test_the_self_link_is_the_address_of_the_place(ward, address):
    answer = ward.get(address)
    assert link(answer, "self") == ward.BASE + address
    assert found(ward.get(link(answer, "self"))) == found(answer)


@pytest.mark.parametrize("address", ["/Patient/p1/Organization", "/Patient/p1/shoes", "/Organization/o1/Patient", "/Patient/p1/Patient/x"])
def test_what_is_in_no_compartment_is_404(ward, address):
    assert ward.get(address).status_code == 404


def test_words_follow_the_resource(ward):
    ward.put(*observation("p1-o1", "Patient/p1", {"text": "Toux"}))
    ward.delete("/Observation/p2-o1")
    assert found(ward.get("/Observation?_content=fievre")) == []
    assert found(ward.get("/Observation?_content=toux")) == ["p1-o1"]


def test_pages_of_all_types_follow_one_another(ward):
    seen, address = [], "/?_count=2&_sort=-_lastUpdated"
    while address:
        answer = ward.get(address)
        seen += found(answer)
        address = link(answer, "next")
    assert len(seen) == len(set(seen)) == 7


def test_a_page_knows_the_first_one(ward):
    second = ward.get(link(ward.get("/Observation?_count=1&code=code-1"), "next"))
    assert found(ward.get(link(second, "first"))) == ["p1-o1"]
    assert found(ward.get(link(second, "self"))) == found(second) == ["p2-o1"]


TAMPERED = {
    "other criteria": lambda token: f"/Observation?_count=1&code=code-2&_page={token}",
    "no criteria": lambda token: f"/Observation?_count=1&_page={token}",
    "another type": lambda token: f"/Patient?_count=1&_page={token}",
    "a compartment": lambda token: f"/Patient/p1/Observation?_count=1&code=code-1&_page={token}",
    "another signature": lambda token: f"/Observation?_count=1&code=code-1&_page={token[:-2]}~~",
    "a part of it": lambda token: f"/Observation?_count=1&code=code-1&_page={token[:20]}",
    "what it stands for": lambda token: f"/Observation?_count=1&code=code-1&_page={page_token(After((), 1))}",
}


@pytest.mark.parametrize("how", TAMPERED)
def test_a_page_link_cannot_be_forged(ward, issue_of, how):
    token = parse_qs(urlsplit(link(ward.get("/Observation?_count=1&code=code-1"), "next")).query)["_page"][0]
    assert found(ward.get(f"/Observation?_count=5&code=code-1&_page={token}")) == ["p2-o1"]
    answer = ward.get(TAMPERED[how](token))
    assert answer.status_code == 400
    assert "_page" in issue_of(answer)["diagnostics"]


def test_what_is_not_changed_is_on_one_page_though_others_write(ward):
    first = ward.get("/Observation?_count=2&_sort=_id")
    ward.delete("/Observation/p1-o1")
    ward.put(*observation("a-new-one", "Patient/p1", {"text": "x"}))
    assert found(first) + found(ward.get(link(first, "next"))) == ["p1-o1", "p1-o2", "p2-o1", "p2-o2"]


def test_a_huge_count_is_cut_and_the_self_link_says_so(ward):
    assert link(ward.get("/Observation?_count=1000000"), "self").endswith("_count=1000")


@pytest.mark.parametrize("values", [1001, 10_000])
def test_a_list_of_very_many_values_is_refused_at_once(ward, issue_of, values):
    answer = ward.request("POST", "/Observation/_search", content="code=" + ",".join(f"c{one}" for one in range(values)), headers=FORM)
    assert answer.status_code == 413
    assert issue_of(answer)["code"] == "too-costly"


def test_several_values_are_alternatives_and_several_parameters_are_not(ward):
    assert found(ward.get("/Observation?code=code-1,code-2&subject=Patient/p1")) == ["p1-o1", "p1-o2"]
    assert found(ward.get("/Observation?code=code-1&code=code-2")) == []


def test_a_version_that_is_referred_to_is_the_one_included(ward):
    for name in ("former", "present"):
        ward.put("/Patient/v", {"resourceType": "Patient", "id": "v", "name": [{"family": name}]})
    ward.put(*observation("of-v", "Patient/v/_history/1", {"text": "x"}))
    entries = ward.get("/Observation?_id=of-v&_include=Observation:subject").json()["entry"]
    assert [entry["resource"]["name"][0]["family"] for entry in entries if entry["search"]["mode"] == "include"] == ["former"]


@pytest.mark.parametrize(("total", "number"), [("none", None), ("estimate", 4), ("accurate", 4)])
def test_a_total_is_given_as_it_is_asked_for(ward, total, number):
    assert ward.get(f"/Observation?_count=1&_total={total}").json().get("total") == number


def test_the_capability_statement_tells_of_compartments_and_includes(ward):
    rest = ward.get("/metadata").json()["rest"][0]
    patient = next(one for one in rest["resource"] if one["type"] == "Patient")
    assert "http://hl7.org/fhir/CompartmentDefinition/patient" in rest["compartment"]
    assert {"code": "search-system"} in rest["interaction"]
    assert {"*", "Patient:organization"} <= set(patient["searchInclude"])
    assert {"Observation:subject", "Provenance:target", "*"} <= set(patient["searchRevInclude"])
    assert {"_id", "_text", "_content", "_filter", "_list", "_has"} <= {one["name"] for one in patient["searchParam"]}


def test_what_the_capability_statement_says_can_be_included_can_be(ward):
    patient = next(one for one in ward.get("/metadata").json()["rest"][0]["resource"] if one["type"] == "Patient")
    for name, values in (("_include", patient["searchInclude"]), ("_revinclude", patient["searchRevInclude"][:20])):
        for value in values:
            assert ward.get(f"/Patient?{name}={value}", prefer="handling=strict").status_code == 200, value
