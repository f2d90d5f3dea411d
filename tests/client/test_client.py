"""What the client sends and what it makes of the answers."""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import httpx
import pytest
from fhir.resources.R4B.patient import Patient
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.client import (
    Busy,
    Conflict,
    Entries,
    FhirClient,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    NotUnderstood,
    PreconditionFailed,
    Refused,
    Retry,
    Unreachable,
    any_of,
    escaped,
    token,
)
from fhir_server.client.bulk_export import lines

BASE = "http://fhir.example.org/fhir"
Run = Callable[[Awaitable[Any]], Any]
Answer = Callable[[httpx.Request], httpx.Response]


class Server:
    """Answers by a function and keeps what it was asked."""

    def __init__(self, answer: Answer):
        self._answer, self.asked = answer, list[httpx.Request]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self._answer(request)

    def client(self, **options: Any) -> FhirClient:
        return FhirClient(BASE, transport=httpx.MockTransport(self), **options)

    @property
    def last(self) -> httpx.Request:
        return self.asked[-1]


def always(resource: Any, status: int = 200, **headers: str) -> Server:
    content = resource if isinstance(resource, bytes) else json.dumps(resource).encode()
    return Server(
        lambda _: httpx.Response(status, content=content, headers={name.replace("_", "-"): text for name, text in headers.items()})
    )


def bundle(*resources: Any, next: str | None = None) -> dict[str, Any]:
    entries = [{"resource": one, "search": {"mode": "match"}} for one in resources]
    return {"resourceType": "Bundle", "type": "searchset", "entry": entries, "link": [{"relation": "next", "url": next}] if next else []}


async def listed(several: Any) -> list[Any]:
    return [one async for one in several]


PATIENT = {"resourceType": "Patient", "id": "1"}


@pytest.mark.parametrize(
    ("call", "method", "path", "headers"),
    [
        (lambda c: c.read("Patient", "1"), "GET", "/fhir/Patient/1", {"accept": "application/fhir+json"}),
        (lambda c: c.vread("Patient", "1", "2"), "GET", "/fhir/Patient/1/_history/2", {}),
        (
            lambda c: c.create(PATIENT),
            "POST",
            "/fhir/Patient",
            {"prefer": "return=representation", "content-type": "application/fhir+json"},
        ),
        (lambda c: c.create(PATIENT, if_none_exist={"identifier": "s|1"}), "POST", "/fhir/Patient", {"if-none-exist": "identifier=s%7C1"}),
        (lambda c: c.update(PATIENT, if_match="3"), "PUT", "/fhir/Patient/1", {"if-match": 'W/"3"'}),
        (lambda c: c.update(PATIENT, where={"identifier": "s|1"}), "PUT", "/fhir/Patient?identifier=s%7C1", {}),
        (lambda c: c.patch("Patient", "1", []), "PATCH", "/fhir/Patient/1", {"content-type": "application/json-patch+json"}),
        (lambda c: c.patch("Patient", "1", {}), "PATCH", "/fhir/Patient/1", {"content-type": "application/fhir+json"}),
        (lambda c: c.delete("Patient", "1", if_match="2"), "DELETE", "/fhir/Patient/1", {"if-match": 'W/"2"'}),
        (lambda c: c.delete("Patient", where={"active": False}), "DELETE", "/fhir/Patient?active=false", {}),
        (lambda c: c.operation("meta", "Patient", "1"), "GET", "/fhir/Patient/1/$meta", {}),
        (lambda c: c.operation("$x", body=PATIENT), "POST", "/fhir/$x", {"content-type": "application/fhir+json"}),
        (lambda c: c.validate(PATIENT, profile="http://p|1"), "POST", "/fhir/Patient/$validate?profile=http%3A%2F%2Fp%7C1", {}),
    ],
)
def test_an_interaction_is_this_request(run: Run, call: Callable[..., Any], method: str, path: str, headers: dict[str, str]) -> None:
    server = always(PATIENT)
    run(call(server.client()))
    assert (server.last.method, server.last.url.raw_path.decode()) == (method, path)
    assert headers.items() <= dict(server.last.headers).items()


@pytest.mark.parametrize("where", [None, {}])
def test_a_delete_of_everything_is_not_sent(run: Run, where: dict[str, str] | None) -> None:
    server = always(PATIENT)
    with pytest.raises(ValueError, match="by its id or by a search"):
        run(server.client().delete("Patient", where=where))
    assert not server.asked


def test_decimals_keep_their_digits(run: Run) -> None:
    server = always(b'{"resourceType":"Observation","valueQuantity":{"value":1.50}}')
    client = server.client()
    observation = run(client.read("Observation", "1"))
    assert observation["valueQuantity"]["value"] == Decimal("1.50")
    run(client.create(observation))
    assert b"1.50" in server.last.content


def test_models_come_back_as_they_went(run: Run) -> None:
    server = always(PATIENT | {"birthDate": "1977-09-12"})
    stored = run(server.client().create(Patient(active=True)))
    assert (type(stored), stored.id, str(stored.birthDate)) == (Patient, "1", "1977-09-12")
    assert json.loads(server.last.content) == {"resourceType": "Patient", "active": True}


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Invalid),
        (401, Forbidden),
        (403, Forbidden),
        (404, NotFound),
        (409, Conflict),
        (410, Gone),
        (412, PreconditionFailed),
        (422, Invalid),
        (429, Busy),
        (503, Busy),
        (500, Refused),
        (301, Refused),
    ],
)
def test_a_refusal_carries_what_the_server_said(run: Run, status: int, kind: type[Refused]) -> None:
    outcome = {"resourceType": "OperationOutcome", "issue": [{"diagnostics": "Too bad.", "expression": ["Patient.name"]}]}
    server = always(outcome, status, Retry_After="99")
    with pytest.raises(Refused) as raised:
        run(server.client(retry=Retry(attempts=1)).count("Patient", {"identifier": "277099900000193"}))
    assert (type(raised.value), raised.value.outcome, raised.value.retry_after) == (kind, outcome, "99")
    assert str(raised.value) == f"{status} for GET /fhir/Patient: Too bad. (Patient.name)"


@pytest.mark.parametrize("body", [b"<html>Bad gateway</html>", b"[]", b"\xff", b""])
def test_an_answer_that_is_no_resource_is_told(run: Run, body: bytes) -> None:
    with pytest.raises(NotUnderstood, match="not a JSON object"):
        run(always(body).client().read("Patient", "1"))
    with pytest.raises(Refused, match="no reason was given"):
        run(always(body, 500).client().read("Patient", "1"))


def test_where_nobody_answers_the_query_is_not_told(run: Run) -> None:
    def broken(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("All connection attempts failed")

    with pytest.raises(Unreachable) as raised:
        run(Server(broken).client(retry=Retry(attempts=1)).count("Patient", {"identifier": "277099900000193"}))
    assert "277099900000193" not in str(raised.value)
    assert "All connection attempts failed" in str(raised.value)


def test_a_packed_answer_that_is_none_is_told(run: Run) -> None:
    with pytest.raises(Unreachable, match="DecodingError"):
        run(always(b"not gzip", Content_Encoding="gzip").client().read("Patient", "1"))


def test_a_search_follows_the_pages(run: Run) -> None:
    pages = {
        "/fhir/Patient?family=A&_count=1": bundle({"id": "1"}, next=f"{BASE}?page=2"),
        "/fhir?page=2": bundle({"id": "2"}, next=f"{BASE}?page=3"),
        "/fhir?page=3": bundle({"id": "3"}),
    }
    server = Server(lambda request: httpx.Response(200, json=pages[request.url.raw_path.decode()]))
    found = run(listed(server.client().search("Patient", {"family": "A", "_count": 1})))
    assert [one["id"] for one in found] == ["1", "2", "3"]


def test_pages_are_fetched_as_they_are_used(run: Run) -> None:
    async def first(client: FhirClient) -> Any:
        return await anext(aiter(client.search("Patient")))

    server = always(bundle({"id": "1"}, next=f"{BASE}?page=2"))
    assert run(first(server.client())) == {"id": "1"}
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "elsewhere", ["http://evil.example.org/fhir?page=2", "https://fhir.example.org/fhir?page=2", f"{BASE}:81/x".replace("/fhir:", ":")]
)
def test_credentials_follow_no_link_to_another_server(run: Run, elsewhere: str) -> None:
    server = always(bundle({"id": "1"}, next=elsewhere))
    with pytest.raises(NotUnderstood, match="credentials are not sent there"):
        run(listed(server.client(auth=httpx.BasicAuth("a", "b")).search("Patient")))
    assert len(server.asked) == 1


def test_a_search_by_post_has_no_value_in_its_url(run: Run) -> None:
    server = always(bundle())
    run(listed(server.client().search("Patient", {"identifier": token("urn:s", "1 & 2"), "date": ["ge2026", "lt2027"]}, post=True)))
    assert str(server.last.url) == f"{BASE}/Patient/_search"
    assert server.last.content == b"identifier=urn%3As%7C1+%26+2&date=ge2026&date=lt2027"


def test_matches_includes_and_outcomes_are_kept_apart(run: Run) -> None:
    modes = ("match", "include", "outcome")
    found = bundle() | {
        "total": 1,
        "entry": [{"resource": {"resourceType": "Patient", "id": one}, "search": {"mode": one}} for one in modes],
    }
    (page,) = run(listed(always(found).client().pages(Patient)))
    assert [page.matches[0].id, page.included[0]["id"], page.outcomes[0]["id"], page.total] == ["match", "include", "outcome", 1]


def test_a_history_tells_deletions(run: Run) -> None:
    entries = [{"request": {"method": "DELETE", "url": "Patient/1"}, "response": {"status": "204", "etag": 'W/"2"'}}, {"resource": PATIENT}]
    server = always({"resourceType": "Bundle", "type": "history", "entry": entries})
    deleted, made = run(listed(server.client().history("Patient", since="2026-01-01", count=5)))
    assert (deleted.method, deleted.resource, deleted.etag, made.resource) == ("DELETE", None, 'W/"2"', PATIENT)
    assert server.last.url.raw_path == b"/fhir/Patient/_history?_since=2026-01-01&_count=5"


def test_entries_make_a_transaction_that_refers_to_itself(run: Run) -> None:
    entries = Entries()
    patient = entries.create(Patient(active=True), if_none_exist={"identifier": token("s", "1")})
    plan = entries.update({"resourceType": "CarePlan", "id": "p", "subject": {"reference": patient}}, if_match="4")
    entries.update({"resourceType": "CareTeam"}, where={"identifier": "t"})
    entries.patch("Task", "9", [{"op": "remove", "path": "/note"}])
    entries.patch("Task", None, {"resourceType": "Parameters"}, where={"identifier": "t"})
    entries.delete("Goal", where={"subject": "Patient/1"})
    entries.get("Patient", {"_id": "1"})
    made = entries.bundle()["entry"]
    assert [entry["request"] for entry in made] == [
        {"method": "POST", "url": "Patient", "ifNoneExist": "identifier=s%7C1"},
        {"method": "PUT", "url": "CarePlan/p", "ifMatch": 'W/"4"'},
        {"method": "PUT", "url": "CareTeam?identifier=t"},
        {"method": "PATCH", "url": "Task/9"},
        {"method": "PATCH", "url": "Task?identifier=t"},
        {"method": "DELETE", "url": "Goal?subject=Patient%2F1"},
        {"method": "GET", "url": "Patient?_id=1"},
    ]
    assert (patient, plan) == (made[0]["fullUrl"], "CarePlan/p")
    assert made[1]["resource"]["subject"]["reference"].startswith("urn:uuid:")
    assert json.loads(base64.b64decode(made[3]["resource"]["data"])) == [{"op": "remove", "path": "/note"}]


def test_the_answers_of_a_batch_stand_in_order(run: Run) -> None:
    outcome = {"resourceType": "OperationOutcome", "issue": []}
    entry = [
        {"response": {"status": "201 Created", "location": "Patient/1/_history/1"}},
        {"response": {"status": "404", "outcome": outcome}},
    ]
    server = always({"resourceType": "Bundle", "type": "batch-response", "entry": entry})
    made, missing = run(server.client().batch(Entries()))
    assert (made.status, made.location, missing.status, missing.outcome) == (201, "Patient/1/_history/1", 404, outcome)
    assert (server.last.method, str(server.last.url), json.loads(server.last.content)["type"]) == ("POST", BASE, "batch")


@given(st.text())
def test_escaped_text_reads_back(text: str) -> None:
    rest = iter(escaped(text))
    parts = [next(rest) if character == "\\" else character for character in rest]
    assert "".join(parts) == text


def test_search_values_mean_what_they_say() -> None:
    assert token("urn:s", "a|b,c") == "urn:s|a\\|b\\,c"
    assert any_of(token("s", "1"), token("s", "2")) == "s|1,s|2"


@given(st.lists(st.binary(max_size=5)), st.lists(st.integers(1, 9)))
def test_lines_are_the_same_however_they_arrive(run_once: Any, parts: list[bytes], cuts: list[int]) -> None:
    whole = b"\n".join(parts)
    expected = [line for line in whole.split(b"\n") if line.strip()]
    assert run_once(listed(lines(in_parts(whole, cuts)))) == expected


async def in_parts(whole: bytes, cuts: list[int]) -> Any:
    place = 0
    for cut in cuts:
        yield whole[place : place + cut]
        place += cut
    yield whole[place:]


@pytest.fixture(scope="module")
def run_once() -> Run:
    """The same as `run`, for properties: no loop for each example."""
    import asyncio

    return asyncio.run  # type: ignore[return-value]
