"""Every operation of the OpenAPI document, asked with what schemathesis makes of its schemas (https://schemathesis.readthedocs.io)."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from fhir_server.security.caller import OPEN
from tests.fuzz.asgi_client import Answer, AsgiClient
from tests.fuzz.conftest import ASKERS, OPENAPI_REQUESTS
from tests.fuzz.verdict import check

BASE = "http://testserver/fhir"


@pytest.fixture(scope="module")
def document(client: AsgiClient) -> dict[str, Any]:
    return dict(client.ask("GET", "/openapi.json").json())


@pytest.fixture(scope="module")
def operations(document: dict[str, Any]) -> list[Any]:
    schema = schemathesis.openapi.from_dict(document)
    return [result.ok() for result in schema.get_all_operations()]


def sent(client: AsgiClient, case: Any) -> Answer:
    """The answer to a case, through no network."""
    arguments = case.as_transport_kwargs(base_url=BASE)
    arguments = {name: arguments[name] for name in ("method", "url", "params", "data", "json", "headers", "cookies") if arguments.get(name)}
    request = requests.Request(**arguments).prepare()
    path, query = urlsplit(str(request.url))[2:4]
    body = request.body.encode() if isinstance(request.body, str) else request.body or b""
    headers = {name: value for name, value in request.headers.items() if name.lower() != "host"}
    return client.ask(case.method.upper(), unquote(path.removeprefix("/fhir"), errors="replace"), query, body, headers)


def with_known(case: Any) -> Any:
    """The case about a resource that is there, one time in two: what schemathesis makes up is not."""
    parts = case.path_parameters or {}
    if case.method.upper() != "DELETE" and {"type", "id"} <= parts.keys() and len(parts["id"]) % 2:
        case.path_parameters = parts | {"type": "Patient", "id": "p1"}
    return case


def declared(operation: dict[str, Any], answer: Answer, document: dict[str, Any]) -> set[str]:
    """The media types that the document says of this status."""
    responses = operation["responses"]
    assert answer.status >= 400 or str(answer.status) in responses, f"{answer.status} is not in the document"
    found = responses.get(str(answer.status)) or responses["default"]
    if "$ref" in found:
        found = document["components"]["responses"][found["$ref"].rpartition("/")[2]]
    return set(found.get("content", ()))


@pytest.mark.slow
@pytest.mark.parametrize("asker", ASKERS)
def test_every_operation_answers_as_the_document_says(
    client: AsgiClient, operations: list[Any], document: dict[str, Any], asker: str
) -> None:
    client.asker.caller, share = ASKERS[asker]
    each = max(1, int(OPENAPI_REQUESTS * share) // len(operations) + 1)
    try:
        for operation in operations:
            judged(client, operation, document, each)
    finally:
        client.asker.caller = OPEN


def judged(client: AsgiClient, operation: Any, document: dict[str, Any], examples: int) -> None:
    """So many cases of one operation keep to what the document says."""

    @settings(max_examples=examples, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        answer = sent(client, with_known(case))
        asked = f"{case.method} {case.formatted_path} {case.query} {case.body!r}"
        check(answer, asked, case.method.upper())
        if answer.body:
            said = declared(document["paths"][operation.path][operation.method], answer, document)
            assert answer.media_type in said or "*/*" in said or not answer.body, f"{answer.status} {answer.media_type} for {asked}"

    ask()
