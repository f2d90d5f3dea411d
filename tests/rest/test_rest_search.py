"""search over HTTP: the searchset around what the search finds (https://hl7.org/fhir/R4/http.html#search)."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest

from fhir_server.rest.request import decoded_pairs

INS = "urn:oid:1.2.250.1.213.1.4.10"


@pytest.fixture
def people(client):
    """Three persons; the first has a plan with its team."""
    for number, family in enumerate(("Martin", "Durand", "Petit"), 1):
        known_by = {"name": [{"family": family}], "identifier": [{"system": INS, "value": f"INS{number}"}]}
        client.put(f"/Patient/p{number}", {"resourceType": "Patient", "id": f"p{number}"} | known_by)
    person = {"reference": "Patient/p1"}
    text = {"status": "empty", "div": '<div xmlns="http://www.w3.org/1999/xhtml">-</div>'}
    client.put("/CareTeam/t1", {"resourceType": "CareTeam", "id": "t1", "subject": person, "text": text})
    plan = {"resourceType": "CarePlan", "id": "c1", "status": "active", "intent": "plan", "subject": person}
    content = {"title": "Home again", "activity": [{"detail": {"status": "scheduled"}}], "note": [{"text": "private"}]}
    client.put("/CarePlan/c1", plan | content | {"careTeam": [{"reference": "CareTeam/t1"}]})
    return client


def searchset(response):
    bundle = response.json()
    assert response.status_code == 200, response.text
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "searchset")
    return bundle


def found(response, mode="match"):
    return [one["resource"].get("id") for one in searchset(response).get("entry", []) if one["search"]["mode"] == mode]


def link(response, relation):
    return {one["relation"]: one["url"] for one in searchset(response)["link"]}.get(relation)


def test_matches_come_with_their_address_as_they_are_stored(people):
    answer = people.get("/Patient?family=martin")
    (entry,) = searchset(answer)["entry"]
    assert entry["fullUrl"] == f"{people.BASE}/Patient/p1"
    assert people.get("/Patient/p1").content in answer.content
    assert searchset(answer)["total"] == 1


def test_nothing_found_is_an_empty_searchset(people):
    answer = people.get("/Patient?family=nobody")
    assert searchset(answer)["total"] == 0
    assert "entry" not in searchset(answer)


def test_a_plan_comes_by_the_persons_ins_with_its_team(people):
    answer = people.get(f"/CarePlan?patient.identifier={INS}|INS1&_include=CarePlan:care-team&_lastUpdated=gt2000-01-01")
    assert (found(answer), found(answer, "include")) == (["c1"], ["t1"])
    as_xml = people.get(f"/CarePlan?patient.identifier={INS}|INS1&_include=CarePlan:care-team&_format=xml")
    assert as_xml.content.count(b"<entry>") == 2
    assert b"<CareTeam" in as_xml.content


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/Patient/_search", {"family": "Durand"}),
        ("/Patient/_search?family=Durand", {}),
        ("/Patient/_search?family=Durand", {"_id": "p1,p2"}),
    ],
)
def test_post_search_takes_a_form_and_the_url(people, path, form):
    assert found(people.request("POST", path, data=form)) == ["p2"]


def test_a_form_may_ask_for_a_format(people):
    assert people.request("POST", "/Patient/_search", data={"_format": "xml", "family": "Petit"}).content.startswith(b"<?xml")


@pytest.mark.parametrize("source", [b"family=Zo%C3%A9", "family=Zoé".encode()])
def test_accents_come_percent_encoded_or_plain(source):
    """curl sends a URL as it was typed."""
    assert decoded_pairs(source) == [("family", "Zoé")]


def test_post_search_with_another_body_is_415(people):
    assert people.post("/Patient/_search", {"resourceType": "Patient"}).status_code == 415


def test_pages_follow_one_another_without_gap(people):
    seen, address = [], "/Patient?_count=1&_sort=family"
    while address:
        answer = people.get(address)
        seen += found(answer)
        assert len(found(answer)) <= 1
        address = link(answer, "next")
    assert seen == ["p2", "p1", "p3"]


def test_a_next_link_keeps_what_was_asked(people):
    following = parse_qsl(urlsplit(link(people.get("/Patient?_count=1&family:contains=t&_summary=true&_format=json"), "next")).query)
    assert dict(following) | {"_page": ""} == {"_count": "1", "family:contains": "t", "_summary": "true", "_format": "json", "_page": ""}


def relations(response):
    return [one["relation"] for one in searchset(response)["link"]]


def test_each_page_has_the_links_that_lead_on_from_it(people):
    pages = [people.get("/Patient?_count=1&_sort=family")]
    while following := link(pages[-1], "next"):
        pages.append(people.get(following))
    assert [relations(page) for page in pages] == [
        ["self", "first", "next", "last"], ["self", "first", "prev", "next", "last"], ["self", "first", "prev", "last"],
    ]  # fmt: skip
    assert found(people.get(link(pages[0], "last"))) == ["p3"]
    assert relations(people.get(link(pages[0], "last"))) == ["self", "first", "prev", "last"]
    assert relations(people.get("/Patient")) == ["self"]


def other_first(token: str) -> str:
    return ("B" if token.startswith("A") else "A") + token[1:]


@pytest.mark.parametrize("relation", ["prev", "last", "next"])
def test_no_link_goes_on_in_another_search_or_changed(people, relation):
    token = parse_qsl(urlsplit(link(people.get(link(people.get("/Patient?_count=1"), "next")), relation)).query)[-1][1]
    assert people.get(f"/Patient?_page={token}").status_code == 200
    for forged in (f"/Patient?_sort=-family&_page={token}", f"/Patient?family=Petit&_page={token}", f"/CarePlan?_page={token}",
                   f"/Patient?_page={other_first(token)}", f"/Patient?_page={token[:-1]}"):  # fmt: skip
        assert people.get(forged).status_code == 400, forged


def test_a_page_whose_rows_are_gone_leads_to_the_first(people):
    following = link(people.get("/Patient?_count=2"), "next")
    people.delete("/Patient/p3")
    assert (found(people.get(following)), relations(people.get(following))) == ([], ["self", "first"])


def test_a_foreign_page_is_refused(people):
    assert people.get("/Patient?_page=nonsense").status_code == 400


def test_what_is_not_understood_is_said_and_left_out_of_the_self_link(people):
    answer = people.get("/Patient?family=Martin&shoe-size=42")
    assert found(answer) == ["p1"]
    (outcome,) = [one["resource"] for one in searchset(answer)["entry"] if one["search"]["mode"] == "outcome"]
    assert outcome["issue"][0]["severity"] == "warning"
    assert "shoe-size" in outcome["issue"][0]["diagnostics"]
    assert "shoe-size" not in link(answer, "self")
    assert "family=Martin" in link(answer, "self")


@pytest.mark.parametrize(
    ("strict_server", "prefer", "status"),
    [
        (False, "", 200),
        (False, "handling=strict", 400),
        (True, "", 400),
        (True, "handling=lenient", 200),
        (False, "return=minimal; handling=strict", 400),
    ],
)
def test_strict_handling_refuses_what_is_not_understood(people, serve, issue_of, strict_server, prefer, status):
    answer = serve(strict_search=strict_server).get("/Patient?shoe-size=42", prefer=prefer)
    assert answer.status_code == status
    if status == 400:
        assert issue_of(answer)["severity"] == "error"
        assert "shoe-size" in issue_of(answer)["diagnostics"]


@pytest.mark.parametrize("query", ["_summary=count", "_count=0"])
def test_a_count_has_no_entries_and_no_next(people, query):
    bundle = searchset(people.get(f"/Patient?{query}"))
    assert bundle["total"] == 3
    assert "entry" not in bundle
    assert [one["relation"] for one in bundle["link"]] == ["self"]


@pytest.mark.parametrize(
    ("query", "has", "has_not"),
    [
        ("_summary=true", {"title", "status"}, {"note", "activity"}),
        ("_summary=data", {"title", "note", "activity"}, {"text"}),
        ("_summary=text", {"status", "intent", "subject"}, {"title", "note", "activity"}),
        ("_elements=note", {"note", "status", "intent"}, {"title", "activity"}),
        ("_elements=title,activity", {"title", "activity", "subject"}, {"note"}),
    ],
)
def test_parts_of_resources_are_marked_as_such(people, query, has, has_not):
    for resource in (searchset(people.get(f"/CarePlan?{query}"))["entry"][0]["resource"], people.get(f"/CarePlan/c1?{query}").json()):
        assert has <= resource.keys()
        assert not has_not & resource.keys()
        assert resource["id"] == "c1"
        assert resource["meta"]["versionId"] == "1"
        assert [tag["code"] for tag in resource["meta"]["tag"]] == ["SUBSETTED"]


def test_text_is_in_a_text_summary(people):
    assert "text" in searchset(people.get("/CareTeam?_summary=text"))["entry"][0]["resource"]


def test_a_summary_is_not_stored(people):
    people.get("/CarePlan?_summary=true")
    assert "tag" not in people.get("/CarePlan/c1").json()["meta"]


def test_an_element_that_does_not_exist_is_pointed_out(people):
    outcome = searchset(people.get("/Patient?_elements=name,shoe&_id=p1"))["entry"][-1]
    assert outcome["search"]["mode"] == "outcome"
    assert "'shoe'" in outcome["resource"]["issue"][0]["diagnostics"]


def test_head_of_a_search_has_no_body(people):
    answer = people.request("HEAD", "/Patient?family=Martin")
    assert (answer.status_code, answer.content) == (200, b"")


def test_the_plus_sign_of_an_offset_may_be_written_plainly(people):
    plain = people.get("/Patient?_lastUpdated=gt2001-01-01T00:00:00+01:00").json()
    encoded = people.get("/Patient?_lastUpdated=gt2001-01-01T00:00:00%2B01:00").json()
    assert plain["total"] == encoded["total"] > 0


@pytest.mark.parametrize(
    "query",
    ["family:shout=x", "general-practitioner.name:shout=x", "_has:CarePlan:patient:category:shout=x", "_include:shout=Patient:link"],
)
def test_a_modifier_that_is_not_supported_is_refused_however_lenient_the_handling(people, issue_of, query):
    answer = people.get(f"/Patient?{query}", prefer="handling=lenient")
    assert answer.status_code == 400
    assert issue_of(answer)["severity"] == "error"
    assert "shout" in issue_of(answer)["diagnostics"]
    assert "left out" not in issue_of(answer)["diagnostics"]


@pytest.mark.parametrize("query", ["shoe-size=42", "family.shoe=x", "_include=Patient:shoe"])
def test_a_refused_search_does_not_say_that_something_was_left_out(people, issue_of, query):
    assert "left out" not in issue_of(people.get(f"/Patient?{query}", prefer="handling=strict"))["diagnostics"]


PLAN = {"resourceType": "PlanDefinition", "status": "active", "url": "http://ex.example/PlanDefinition/fall"}
FOLLOWED = {"resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": {"display": "A"}}
CANONICAL_CHAINS = {
    "CarePlan?instantiates-canonical.title=Fall": {"any", "second"},
    "CarePlan?instantiates-canonical:PlanDefinition.title=Fall": {"any", "second"},
    "CarePlan?instantiates-canonical.title=Old": {"any", "first"},
    "CarePlan?instantiates-canonical.title=Diabetes": set(),
    "CarePlan?instantiates-canonical.version=2": {"any", "second"},
    "CarePlan?instantiates-canonical.title=Fall&status=active&_sort=-_lastUpdated": {"any", "second"},
}


@pytest.mark.parametrize(("search", "found"), CANONICAL_CHAINS.items())
def test_a_chain_leads_through_canonical_references_too(client, search, found):
    client.put("/PlanDefinition/p1", PLAN | {"id": "p1", "version": "1", "title": "Old fall"})
    client.put("/PlanDefinition/p2", PLAN | {"id": "p2", "version": "2", "title": "Fall"})
    for id_, version in {"any": "", "first": "|1", "second": "|2", "third": "|3"}.items():
        client.put(f"/CarePlan/{id_}", FOLLOWED | {"id": id_, "instantiatesCanonical": [PLAN["url"] + version]})
    client.put("/CarePlan/other", FOLLOWED | {"id": "other", "instantiatesCanonical": ["http://ex.example/PlanDefinition/none"]})
    answer = client.get(f"/{search}", prefer="handling=strict")
    assert {entry["resource"]["id"] for entry in answer.json().get("entry", [])} == found


def test_has_against_canonical_references_is_refused_in_words(client, issue_of):
    answer = client.get("/PlanDefinition?_has:CarePlan:instantiates-canonical:status=active", prefer="handling=strict")
    assert answer.status_code == 400
    assert "search CarePlan by instantiates-canonical with the URL" in issue_of(answer)["diagnostics"]


NAMED = {
    "phonetic=Dupond": {"jean"}, "phonetic=jan%20mari": {"jean"}, "phonetic=Mary": {"jean", "marie"}, "phonetic=Filip": {"filip"},
    "phonetic=Li": set(), "phonetic=Durand,Philippe": {"filip"}, "phonetic:missing=false": {"jean", "marie", "filip"},
    "_filter=phonetic%20eq%20Dupon": {"jean"},
}  # fmt: skip


@pytest.mark.parametrize(("search", "found"), NAMED.items())
def test_phonetic_finds_names_as_they_sound(client, search, found):
    names = {"jean": {"family": "Dupont", "given": ["Jean-Marie"]}, "marie": {"family": "Limousin", "given": ["Marie"]}}
    for id_, name in (names | {"filip": {"text": "Philipe Martin"}}).items():
        client.put(f"/Patient/{id_}", {"resourceType": "Patient", "id": id_, "name": [name]})
    answer = client.get(f"/Patient?{search}", prefer="handling=strict")
    assert {entry["resource"]["id"] for entry in answer.json().get("entry", [])} == found


@pytest.mark.parametrize("search", ["phonetic:exact=Dupont", "phonetic:contains=Dupont", "_filter=phonetic%20co%20upo"])
def test_phonetic_takes_no_other_comparison(client, search):
    assert client.get(f"/Patient?{search}", prefer="handling=strict").status_code == 400
