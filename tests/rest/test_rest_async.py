"""Prefer: respond-async (https://hl7.org/fhir/R4/async.html)."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from fhir_server.rest.application import fhir_application
from fhir_server.rest.job_runner import now
from fhir_server.rest.settings import RestSettings
from fhir_server.security.caller import OPEN
from fhir_server.store.job import SENT, SILENT, Job
from fhir_server.store.job_file import JobFileWriter
from tests.rest.asynchronous import finished, manifest, place
from tests.rest.conftest import Client

PATIENT = {"resourceType": "Patient", "id": "p1", "active": True}
ENTRY = {"request": {"method": "PUT", "url": "Patient/p2"}, "resource": {**PATIENT, "id": "p2"}}
BATCH = {"resourceType": "Bundle", "type": "batch", "entry": [ENTRY]}
LATER = {"prefer": "respond-async"}


def later(client: Client, method: str, path: str, **arguments: Any) -> Any:
    return client.request(method, path, headers={"content-type": "application/fhir+json"} | LATER, **arguments)


@pytest.mark.parametrize(
    ("method", "path", "body", "type_name"),
    [
        ("GET", "/Patient?_id=p1", None, "Bundle"),
        ("GET", "/Patient/p1/_history", None, "Bundle"),
        ("GET", "/Patient/p1/$everything", None, "Bundle"),
        ("POST", "/Patient/$validate", PATIENT, "OperationOutcome"),
        ("POST", "/", BATCH, "Bundle"),
    ],
)
def test_what_may_take_long_is_answered_later_if_that_is_preferred(client, method, path, body, type_name):
    client.put("/Patient/p1", PATIENT)
    told = manifest(client, later(client, method, path, json=body) if body else later(client, method, path))
    assert told["request"] == Client.BASE + path
    (file,) = told["output"]
    assert file["type"] == type_name
    assert client.get(file["url"]).json()["resourceType"] == type_name


def test_the_answer_is_the_one_that_would_have_come_at_once(client):
    client.put("/Patient/p1", PATIENT)
    (file,) = manifest(client, later(client, "GET", "/Patient?_id=p1"))["output"]
    found, at_once = client.get(file["url"]).json(), client.get("/Patient?_id=p1").json()
    assert found["entry"] == at_once["entry"]
    assert found["total"] == 1


def test_a_read_is_answered_at_once_whatever_is_preferred(client):
    client.put("/Patient/p1", PATIENT)
    assert later(client, "GET", "/Patient/p1").status_code == 200


def test_an_error_comes_with_its_own_status(client, issue_of):
    answer = finished(client, place(later(client, "GET", "/Patient?birthdate=nonsense")))
    assert answer.status_code == 400
    assert "birthdate" in issue_of(answer)["diagnostics"]


def test_a_batch_is_carried_out_once(client):
    manifest(client, later(client, "POST", "/", json=BATCH))
    assert client.get("/Patient/p2").json()["meta"]["versionId"] == "1"


def test_what_is_cancelled_is_gone(client):
    address = place(later(client, "GET", "/Patient"))
    assert client.delete(address).status_code == 202
    assert client.get(address).status_code == 404
    assert client.delete(address).status_code == 404


def test_a_result_that_is_removed_takes_its_files_along(client):
    client.put("/Patient/p1", PATIENT)
    address = place(later(client, "GET", "/Patient"))
    url = finished(client, address).json()["output"][0]["url"]
    assert client.delete(address).status_code == 202
    assert client.get(url).status_code == 404


def test_a_result_expires(serve):
    client = serve(job_hours=0.0001)
    answer = finished(client, address := place(later(client, "GET", "/Patient")))
    assert "expires" in answer.headers
    client._loop.run_until_complete(asyncio.sleep(0.5))
    assert client.get(address).status_code == 404


def test_while_it_waits_it_says_when_to_ask_again(client, interactions, loop):
    loop.run_until_complete(interactions.store.jobs.add(waiting("a" * 32)))
    answer = client.get("/_jobs/" + "a" * 32)
    assert answer.status_code == 202
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["x-progress"]


def test_nobody_can_ask_for_what_never_was(client):
    assert client.get("/_jobs/" + "b" * 32).status_code == 404
    assert client.get("/_jobs/" + "b" * 32 + "/answer").status_code == 404


OURS = b'"caller":' + msgspec.json.encode(OPEN)


def waiting(id_: str, request: bytes = b"{%b}" % OURS, status: Any = "preparing", **more: Any) -> Job:
    return Job(id_, "request", request, status, "", 0, now(), now(), now() + 10**9, **more)


ASKED = (
    b'{"method":"GET","path":"/Patient","query":"","scheme":"http","root":"/fhir","base":"http://testserver/fhir",'
    b'"headers":[["host","testserver"]],"changes":%b,' + OURS + b"}"
)


def interrupted(interactions: Any, loop: Any, changes: bytes) -> str:
    """A job that another process began and never ended."""

    async def left_behind() -> None:
        jobs = interactions.store.jobs
        await jobs.add(waiting("c" * 32, ASKED.replace(b"%b", changes)))
        await JobFileWriter(jobs, "c" * 32, SENT).close()
        await jobs.ready("c" * 32)
        assert await jobs.claim("another process", now() - 2 * SILENT, 0)

    loop.run_until_complete(left_behind())
    return "/_jobs/" + "c" * 32


@pytest.fixture
def restarted(interactions: Any, validator: Any, loop: Any) -> Any:
    """A new server on the same store, that looks for what others left as a server does."""
    application = fhir_application(interactions, validator, RestSettings())
    attending = application.service.runner.attending()

    def start() -> Client:
        loop.run_until_complete(attending.__aenter__())
        return Client(application, loop)

    yield start
    loop.run_until_complete(attending.__aexit__(None, None, None))


def test_what_an_earlier_run_left_is_taken_up(interactions, loop, restarted):
    address = interrupted(interactions, loop, b"false")
    assert finished(restarted(), address).status_code == 200


def test_what_may_have_changed_something_is_told_as_interrupted(interactions, loop, restarted, issue_of):
    address = interrupted(interactions, loop, b"true")
    answer = finished(restarted(), address)
    assert answer.status_code == 500
    assert "may be done or not" in issue_of(answer)["diagnostics"]


def test_a_server_that_stops_leaves_its_jobs_to_the_next(interactions, validator, loop, restarted):
    application = fhir_application(interactions, validator, RestSettings())
    begun = asyncio.Event()

    async def endless(job: Any, progress: Any) -> Any:
        begun.set()
        await asyncio.sleep(3600)

    application.service.runner.works = {"request": endless}
    address = place(later(Client(application, loop), "GET", "/Patient"))

    async def stopped() -> None:
        await begun.wait()
        await application.service.runner.close()

    loop.run_until_complete(stopped())
    assert finished(restarted(), address).status_code == 200


def test_too_many_at_once_are_refused(client, interactions, loop):
    async def fill() -> None:
        for number in range(100):
            await interactions.store.jobs.add(waiting(f"{number:032}"))

    loop.run_until_complete(fill())
    answer = later(client, "GET", "/Patient")
    assert answer.status_code == 503
    assert "retry-after" in answer.headers
