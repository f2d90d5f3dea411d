"""How often a caller may ask."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from fhir_server.rest.admission import Admitted, TooManyRequests, caller_key, rate_limited
from fhir_server.rest.application import FhirApplication
from fhir_server.security.token_bucket import TokenBuckets


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_lets_its_size_through_at_once_and_then_what_flows_in():
    clock = Clock()
    buckets = TokenBuckets(60, clock)
    assert [buckets.take("a") for _ in range(60)] == [0.0] * 60
    assert buckets.take("a") == pytest.approx(1.0)
    clock.now = 1.0
    assert buckets.take("a") == 0.0
    assert buckets.take("a") > 0
    clock.now = 3600.0
    assert [buckets.take("a") for _ in range(60)] == [0.0] * 60
    assert buckets.take("a") > 0


def test_one_caller_does_not_use_up_anothers():
    buckets = TokenBuckets(1, Clock())
    assert [buckets.take(key) for key in ("a", "b")] == [0.0, 0.0]


def test_a_refused_request_costs_nothing_more():
    clock = Clock()
    buckets = TokenBuckets(60, clock)
    for _ in range(1000):
        buckets.take("a")
    clock.now = 1.0
    assert buckets.take("a") == 0.0


def test_invented_callers_do_not_fill_the_memory():
    buckets = TokenBuckets(1, Clock(), most_keys=100)
    for number in range(1000):
        buckets.take(str(number))
    assert len(buckets._buckets) == 100


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"client": ("1.2.3.4", 1)}, {"client": ("1.2.3.4", 2)}, True),
        ({"client": ("1.2.3.4", 1)}, {"client": ("1.2.3.5", 1)}, False),
        ({"client": ("2001:db8::1", 1)}, {"client": ("2001:db8::ffff:2", 1)}, True),
        ({"client": ("2001:db8::1", 1)}, {"client": ("2001:db8:1::1", 1)}, False),
        ({"client": ("1.2.3.4", 1), "caller": SimpleNamespace(subject="a")}, {"client": ("1.2.3.4", 1)}, False),
        ({"client": ("1.2.3.4", 1), "caller": SimpleNamespace(subject="a")}, {"caller": SimpleNamespace(subject="a")}, True),
        ({"client": ("1.2.3.4", 1), "caller": SimpleNamespace(subject="anonymous")}, {"client": ("1.2.3.4", 9)}, True),
        ({"client": None}, {}, True),
    ],
)
def test_a_caller_is_known_by_name_else_by_address(one, other, same):
    assert (caller_key(one) == caller_key(other)) is same


JSON, XML = "application/fhir+json", "application/fhir+xml"


def asked(application: Any, path: str, run: Any, accept: str = JSON) -> tuple[int, dict[bytes, bytes], bytes]:
    taken: list[Any] = []

    async def send(message: Any) -> None:
        taken.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {
        "type": "http", "method": "GET", "path": path, "root_path": "", "query_string": b"",
        "headers": [(b"accept", accept.encode()), (b"host", b"testserver")],
        "client": ("127.0.0.1", 1), "server": ("testserver", 80), "scheme": "http",
    }  # fmt: skip
    run(application(scope, receive, send))
    return taken[0]["status"], dict(taken[0]["headers"]), taken[1]["body"]


@pytest.mark.parametrize(("accept", "begins"), [(JSON, b'{"resourceType":"OperationOutcome"'), (XML, b"<OperationOutcome")])
def test_too_many_requests_are_429_with_the_seconds_to_wait_in_the_format_asked_for(run, service, accept, begins):
    application = FhirApplication(service, rate_limited(TokenBuckets(1)))
    assert asked(application, "/metadata", run)[0] == 200
    status, headers, body = asked(application, "/metadata", run, accept)
    assert status == 429
    assert int(headers[b"retry-after"]) in range(1, 61)
    assert begins in body
    assert b"throttled" in body


def test_health_and_metrics_are_seen_all_the_same(run):
    def never(_: Any) -> None:
        raise TooManyRequests(7)

    async def page(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    application = Admitted(page, never)
    paths = ("/health/live", "/health/ready", "/metrics", "/", "/validate")
    assert [asked(application, path, run)[0] for path in paths] == [200, 200, 200, 429, 429]
    assert asked(application, "/", run)[1][b"retry-after"] == b"7"


@pytest.fixture
def service(run, definitions, tmp_path):
    from fhir_server.app import fhir_service
    from fhir_server.assembly import put_together
    from fhir_server.settings import Settings
    from fhir_server.store.opening import open_store

    settings = Settings(data=tmp_path)
    store = run(open_store(settings.database))
    yield fhir_service(put_together(definitions, store, settings), settings)
    run(store.close())
