"""Whatever is sent, the answer is HTTP with an OperationOutcome, never a fault of ours (properties)."""

from __future__ import annotations

import asyncio
import os
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fhir_server.model.issue import FhirError
from fhir_server.rest.dispatch import Dispatch
from fhir_server.rest.media_type import Format, accepted_format, body_format
from fhir_server.rest.prefer import preferences
from fhir_server.rest.routes import ROUTES

WORDS = ["Patient", "CarePlan", "1", "_history", "_search", "$validate", "$everything", "metadata", "", "..", "%2e", "é", "a" * 65]
QUERY_NAMES = ["_id", "patient.name", "family", "_lastUpdated", "birthdate", "_count", "_sort", "_include", "_page", "_summary", "_since"]
QUERY_NAMES += ["name:exact", ":", "identifier", "general-practitioner", "general-practitioner:missing", "_elements", "_type"]
QUERY_VALUES = ["1", "ge2020", "-1", "é", "\x00", "'", "%", "|", "a,b", "\\", "2020-13", "CarePlan:care-team", "*", "9" * 30, ""]

EXAMPLES = int(os.environ.get("PASSERELLE_FUZZ", "150"))
relaxed = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=EXAMPLES)


def negotiated(read, text):
    try:
        return read(text)
    except FhirError as error:
        return error


@given(st.text(max_size=60))
def test_any_header_is_understood_or_refused(text):
    assert isinstance(negotiated(accepted_format, text), Format | FhirError)
    assert isinstance(negotiated(body_format, text), Format | FhirError)
    preferences(text)


@given(st.lists(st.sampled_from(WORDS) | st.text(max_size=8), max_size=6), st.sampled_from(["GET", "PUT", "POST", "BREW"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_path_is_a_route_or_refused(definitions, words, method):
    dispatch = Dispatch(ROUTES, definitions.schema)
    found = negotiated(lambda path: dispatch.find(method, path), "/" + "/".join(words))
    if isinstance(found, FhirError):
        return
    route, parts = found
    assert route.method == method
    assert set(parts) == set(re.findall(r"\{(\w+)\}", route.template))


@relaxed
@given(
    st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD"]),
    st.lists(st.sampled_from(WORDS), max_size=4),
    st.lists(st.tuples(st.sampled_from(QUERY_NAMES), st.sampled_from(QUERY_VALUES)), max_size=3),
)
def test_any_request_is_answered_without_a_fault_of_ours(client, method, words, query):
    answer = client.request(method, "/" + "/".join(words), params=query, headers={"content-type": "application/fhir+json"}, content=b"{}")
    assert answer.status_code < 500 or answer.status_code == 501
    if answer.status_code >= 400 and method != "HEAD":
        assert answer.json()["resourceType"] == "OperationOutcome"


@relaxed
@given(st.binary(max_size=200), st.sampled_from(["json", "xml"]), st.sampled_from(["/", "/Patient", "/Patient/$validate"]))
def test_any_body_is_answered_without_a_fault_of_ours(client, body, kind, path):
    assert 200 <= client.post(path, body, content_type=f"application/fhir+{kind}").status_code < 500


NAMES = st.sampled_from(["id", "name", "parameter", "resource", "resourceType", "entry", "type", "meta", "text", "contained", "_id"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
URLS = ["Patient", "Patient/1", "Patient?name=x", "", "/", "$validate", "Patient/1/_history/1", "Patient/1/_history", "?", "Shoe/1"]
ENTRY = st.fixed_dictionaries(
    {},
    optional={
        "fullUrl": JSON | st.just("urn:uuid:1"),
        "resource": JSON | st.just({"resourceType": "Patient"}) | st.just({"resourceType": "Patient", "id": "1"}),
        "request": JSON | st.fixed_dictionaries({
            "method": JSON | st.sampled_from(["GET", "PUT", "POST", "DELETE", "HEAD", "PATCH"]),
            "url": JSON | st.sampled_from(URLS),
            "ifMatch": st.just('W/"1"') | JSON,
            "ifNoneExist": st.sampled_from([None, None, "name=x", "?", "=", "shoe=1"]) | JSON,
        }),
    },
)  # fmt: skip


@relaxed
@given(st.sampled_from(["batch", "transaction"]), st.lists(JSON | ENTRY | ENTRY, max_size=3))
def test_any_bundle_is_answered_without_a_fault_of_ours(client, kind, entries):
    assert 200 <= client.post("/", {"resourceType": "Bundle", "type": kind, "entry": entries}).status_code < 500


@relaxed
@given(
    st.dictionaries(NAMES, JSON, max_size=4),
    st.sampled_from(["Patient", "Bundle", "Parameters", "Nonsense"]),
    st.sampled_from(["/", "/Patient", "/Patient/$validate", "/Bundle", "/Parameters/$validate"]),
    st.sampled_from(["batch", "transaction", None]),
)
def test_any_json_is_answered_without_a_fault_of_ours(client, members, name, path, kind):
    body = {"resourceType": name} | members | ({"type": kind} if kind else {})
    assert 200 <= client.post(path, body).status_code < 500


def test_the_loop_lives_while_a_large_body_is_read(serve, loop):
    """Another task gets its turn while 30 MB of XML are refused in a thread."""
    client = serve()
    turns = 0

    async def ticking():
        nonlocal turns
        while True:
            await asyncio.sleep(0.001)
            turns += 1

    ticker = loop.create_task(ticking())
    body = b'<Patient xmlns="http://hl7.org/fhir">' + b'<name><family value="Martin"/></name>' * 60_000 + b"<oops/></Patient>"
    answer = client.post("/Patient", body, content_type="application/fhir+xml")
    ticker.cancel()
    assert answer.status_code == 400
    assert turns > 20


@pytest.mark.parametrize("path", ["/Patient/../../etc/passwd", "/Patient/..%2f..%2fetc", "/%00", "/Patient/%F0%9F%98%80"])
def test_paths_that_climb_lead_nowhere(client, path):
    assert client.get(path).status_code in (400, 404, 405)


def test_slashes_alone_are_the_base_whose_get_is_a_search(client):
    assert client.get("//").json()["resourceType"] == "Bundle"
