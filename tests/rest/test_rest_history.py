"""https://hl7.org/fhir/R4/http.html#history"""

from __future__ import annotations

import pytest

PATIENT = {"resourceType": "Patient", "id": "p1"}


@pytest.fixture
def story(client):
    """p1 created and updated, a Basic created by the server, p1 deleted."""
    client.put("/Patient/p1", PATIENT)
    client.put("/Patient/p1", PATIENT | {"active": True})
    client.post("/Basic", {"resourceType": "Basic", "code": {"text": "note"}})
    client.delete("/Patient/p1")
    return client


def entries(response):
    bundle = response.json()
    assert (response.status_code, bundle["resourceType"], bundle["type"]) == (200, "Bundle", "history")
    return bundle.get("entry", [])


def test_an_instance_tells_its_versions_newest_first(story):
    found = entries(story.get("/Patient/p1/_history"))
    assert [(one["request"]["method"], one["request"]["url"]) for one in found] == [
        ("DELETE", "Patient/p1"), ("PUT", "Patient/p1"), ("PUT", "Patient/p1"),
    ]  # fmt: skip
    assert [one["response"]["status"] for one in found] == ["204 No Content", "200 OK", "201 Created"]
    assert [one["response"]["etag"] for one in found] == ['W/"3"', 'W/"2"', 'W/"1"']
    assert [one.get("resource", {}).get("meta", {}).get("versionId") for one in found] == [None, "2", "1"]
    assert {one["fullUrl"] for one in found} == {f"{story.BASE}/Patient/p1"}


def test_a_create_names_the_type_it_was_sent_to(story):
    (only,) = entries(story.get("/Basic/_history"))
    assert only["request"] == {"method": "POST", "url": "Basic"}
    assert only["response"]["lastModified"] == only["resource"]["meta"]["lastUpdated"]


@pytest.mark.parametrize(("path", "total"), [("/_history", 4), ("/Patient/_history", 3), ("/Basic/_history", 1), ("/Task/_history", 0)])
def test_types_and_the_system_have_their_histories(story, path, total):
    answer = story.get(path)
    assert len(entries(answer)) == answer.json()["total"] == total


def test_pages_follow_one_another_without_gap(story):
    seen, address = [], "/_history?_count=1"
    while address:
        answer = story.get(address)
        seen += [(one["request"]["url"], one["response"]["etag"]) for one in entries(answer)]
        links = {link["relation"]: link["url"] for link in answer.json()["link"]}
        address = links.get("next")
    whole = [(one["request"]["url"], one["response"]["etag"]) for one in entries(story.get("/_history"))]
    assert seen == whole
    assert len(seen) == 4


HISTORIES = ["/_history", "/Patient/_history", "/Patient/p1/_history"]


def next_page(client, history):
    links = {link["relation"]: link["url"] for link in client.get(f"{history}?_count=1").json()["link"]}
    return links["next"].rpartition("_page=")[2]


@pytest.mark.parametrize("history", HISTORIES)
def test_a_next_link_cannot_be_forged_nor_lent_to_another_history(story, issue_of, history):
    story.put("/Patient/p2", PATIENT | {"id": "p2"})
    page = next_page(story, history)
    assert story.get(f"{history}?_page={page}&_count=2").status_code == 200
    others = [f"{other}?_page={page}" for other in ({*HISTORIES, "/Patient/p2/_history", "/Basic/_history"} - {history})]
    changed = [f"{history}?_page={forged}" for forged in ("9", f"9{page}", page[:-1], page[len(page) // 2 :])]
    asked_otherwise = [f"{history}?_page={page}&{more}" for more in ("_sort=_lastUpdated", "_since=2000-01-01T00:00:00Z", "_at=2026")]
    for address in [*others, *changed, *asked_otherwise]:
        refused = story.get(address)
        assert refused.status_code == 400, address
        assert "_page" in issue_of(refused)["diagnostics"]


def test_a_page_of_a_search_is_none_of_a_history(story):
    story.put("/Patient/p1", PATIENT)
    story.put("/Patient/p2", PATIENT | {"id": "p2"})
    bundle = story.get("/Patient?_count=1").json()
    page = {link["relation"]: link["url"] for link in bundle["link"]}["next"].rpartition("_page=")[2]
    assert story.get(f"/Patient/_history?_page={page}").status_code == 400


def test_since_leaves_out_what_is_older(story):
    assert entries(story.get("/_history?_since=2100-01-01T00:00:00Z")) == []
    assert len(entries(story.get("/_history?_since=2000-01-01T00:00:00%2B01:00"))) == 4


@pytest.mark.parametrize(
    "query",
    ["_count=0", "_count=-1", "_count=ten", "_since=yesterday", "_page=x", "_at=soon", "_sort=name", "_list=1"],
)
def test_what_a_history_does_not_understand_is_refused(story, issue_of, query):
    answer = story.get(f"/_history?{query}")
    assert answer.status_code == 400
    assert query.partition("=")[0] in issue_of(answer)["diagnostics"]


def test_lenient_handling_passes_over_what_is_not_known(story):
    assert story.get("/_history?_list=1", prefer="handling=lenient").status_code == 200


def test_a_page_is_never_larger_than_the_server_allows(story, serve):
    assert len(entries(serve(max_count=2).get("/_history?_count=999999"))) == 2


def test_a_history_comes_as_xml(story):
    answer = story.get("/Patient/p1/_history?_format=xml")
    assert answer.content.startswith(b"<?xml")
    assert answer.content.count(b"<entry>") == 3


def test_a_history_may_be_summarised(story):
    resource = entries(story.get("/Basic/_history?_summary=true"))[0]["resource"]
    assert [tag["code"] for tag in resource["meta"]["tag"]] == ["SUBSETTED"]


def moments(client):
    """lastUpdated of the three versions of p1, newest first."""
    return [one["response"]["lastModified"] for one in entries(client.get("/Patient/p1/_history"))]


def versions(response):
    return [one["response"]["etag"] for one in entries(response)]


def test_at_keeps_what_was_current_then(story):
    _, second, first = moments(story)
    assert versions(story.get(f"/Patient/p1/_history?_at={first}")) == ['W/"1"']
    assert versions(story.get(f"/Patient/_history?_at={second}")) == ['W/"2"']
    assert versions(story.get(f"/_history?_at={second[:4]}")) == ['W/"3"', 'W/"1"', 'W/"2"', 'W/"1"']
    assert versions(story.get("/_history?_at=2000")) == []


def test_at_counts_a_resource_nobody_touched_since(story):
    assert versions(story.get("/Basic/_history?_at=2100-01-01")) == ['W/"1"']


def test_a_history_may_begin_with_the_oldest_and_pages_stay_in_that_order(story):
    newest_first = versions(story.get("/_history"))
    assert versions(story.get("/_history?_sort=-_lastUpdated")) == newest_first
    seen, address = [], "/_history?_sort=_lastUpdated&_count=1"
    while address:
        answer = story.get(address)
        seen += versions(answer)
        address = {link["relation"]: link["url"] for link in answer.json()["link"]}.get("next")
    assert seen == newest_first[::-1]


@pytest.mark.parametrize("path", ["/_history", "/Patient/_history", "/Patient/p1/_history"])
def test_head_of_a_history_has_no_body(story, path):
    answer = story.request("HEAD", path)
    assert (answer.status_code, answer.content) == (200, b"")


def test_a_deleted_resource_comes_back_by_update_with_the_next_version(story):
    back = story.put("/Patient/p1", PATIENT)
    assert (back.status_code, back.headers["etag"]) == (201, 'W/"4"')
    assert versions(story.get("/Patient/p1/_history")) == ['W/"4"', 'W/"3"', 'W/"2"', 'W/"1"']
    assert story.get("/Patient/p1").status_code == 200
    assert story.get("/Patient?_id=p1").json()["total"] == 1
