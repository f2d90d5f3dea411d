"""A real server is told of a person in every way there is; no line of its log, and no metric, names her."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from adapters.hl7v2.client import send
from tests.reliability.server_process import ServerProcess

NAME, INS, DAY = "Zorglubine", "242077505612343", "1977-07-07"
MARKS = (NAME, NAME.lower(), NAME.upper(), INS, DAY, DAY.replace("-", ""))
PATIENT = {
    "resourceType": "Patient", "name": [{"family": NAME}], "birthDate": DAY,
    "identifier": [{"system": "urn:oid:1.2.250.1.213.1.4.10", "value": INS}],
}  # fmt: skip
JSON, XML = "application/fhir+json", "application/fhir+xml"
MESSAGE = Path(__file__).parents[1] / "hl7v2" / "messages" / "a01_admission.er7"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    process = ServerProcess(tmp_path_factory.mktemp("server") / "data", PASSERELLE_LOG_FORMAT="json")
    process.start()
    yield process
    process.stop()


def workload(server: ServerProcess) -> list[int]:
    """The statuses of requests that are right, wrong, unknown, broken and refused, all of them about the person."""
    body = json.dumps(PATIENT).encode()
    asked = [
        ("POST", "/Patient", body, JSON), ("PUT", f"/Patient/{NAME}", body.replace(b"{", b'{"id":"Zorglubine",', 1), JSON),
        ("GET", f"/Patient/{NAME}", b"", ""), ("GET", f"/Patient/{INS}", b"", ""), ("GET", f"/{NAME}/{INS}", b"", ""),
        ("GET", f"/Patient?name={NAME}&identifier={INS}&birthdate={DAY}", b"", ""), ("GET", f"/Patient?{NAME}={INS}", b"", ""),
        ("GET", f"/Patient?birthdate={NAME}", b"", ""), ("GET", f"/Patient?_filter=name eq {NAME}", b"", ""),
        ("POST", "/Patient/_search", f"name={NAME}&identifier={INS}".encode(), "application/x-www-form-urlencoded"),
        ("POST", "/Patient", body[:-3], JSON), ("POST", "/Patient", body, XML), ("POST", "/Patient", body, "text/" + NAME),
        ("POST", "/Patient", f"<Patient><{NAME}/></Patient>".encode(), XML), ("POST", "/Patient", b'{"resourceType":"Zorglubine"}', JSON),
        ("POST", "/Patient", json.dumps(PATIENT | {NAME: INS}).encode(), JSON), ("DELETE", f"/Patient?identifier={INS}", b"", ""),
        ("PATCH", f"/Patient/{NAME}", json.dumps([{"op": "x", "path": f"/{NAME}"}]).encode(), "application/json-patch+json"),
        ("POST", "/Patient/$validate", body, JSON), ("POST", "/$graphql", f'{{"query": "{{PatientList(name: {NAME})}}"}}'.encode(), JSON),
        ("POST", "", json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": [{"resource": PATIENT}]}).encode(), JSON),
        ("POST", "/$import", body + b"\n" + body[:-4], "application/fhir+ndjson"), (NAME, "/Patient", b"", ""),
        ("GET", f"/Patient/{NAME}/_history/{INS}", b"", ""), ("GET", f"/../../{NAME}", b"", ""), ("POST", f"/${NAME}", body, JSON),
    ]  # fmt: skip
    more = {"if-none-exist": f"identifier={INS}", "user-agent": NAME, "referer": f"https://x/{NAME}", "cookie": NAME, "authorization": NAME}
    prefers = {"prefer": f"respond-async; x={NAME}"}
    with httpx.Client() as client:
        answers = [
            client.request(method, server.base + path, content=content, headers={"content-type": kind} | extra)
            for extra in ({}, more, prefers)
            for method, path, content, kind in asked
        ]
        pages = [client.get(server.base[:-5] + path) for path in (f"/{NAME}", f"/docs/{NAME}", f"/validate?profile={NAME}")]
    return [answer.status_code for answer in [*answers, *pages]]


def broken(server: ServerProcess) -> None:
    """What is no HTTP, half of a request, and messages of HL7 v2, the last of which cannot be read."""
    half = f"POST /fhir/Patient?name={NAME} HTTP/1.1\r\nhost: x\r\ncontent-length: 99\r\n\r\n{{"
    for content in (f"{NAME}\r\n\r\n", f"GET /{NAME} {INS}\r\n\r\n", half):
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(content.encode())
    message = MESSAGE.read_bytes().replace("TEST-ÉLOÏSE".encode(), NAME.encode()).replace(b"240053399901230", INS.encode())
    for content in (message, message.replace(b"|19400517|", f"|{NAME}|".encode()), message.replace(b"ADT^A01^ADT_A01", NAME.encode())):
        asyncio.run(send(content, "127.0.0.1", server.mllp_port))
    with socket.create_connection(("127.0.0.1", server.mllp_port)) as connection:
        connection.sendall(b"\x0b" + NAME.encode())


def test_no_line_and_no_metric_names_a_person(server: ServerProcess) -> None:
    statuses = workload(server)
    assert {200, 201, 202, 400, 404, 412} <= set(statuses)
    broken(server)
    metrics = httpx.get(server.base[:-5] + "/metrics").text
    server.terminate()
    log = (server.data.parent / "server.log").read_text(encoding="utf-8")
    assert log.count("\n") > len(statuses)
    assert [line for line in log.splitlines() if any(mark in line for mark in MARKS)] == []
    assert [line for line in metrics.splitlines() if any(mark in line for mark in MARKS)] == []
