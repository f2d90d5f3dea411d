"""Each HTTP exchange leaves one line and one count, without a path, a query or a body."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import io
import json
import logging

import httpx
import pytest
import structlog
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Mount, Route

from fhir_server.access_log import AccessLog, access_log, logged
from fhir_server.health import health_routes
from fhir_server.logs import configure_logs
from fhir_server.metrics import Metrics
from fhir_server.observed import INTERACTION, ROUTE, UNMATCHED, Exchange, Observed
from fhir_server.rest.request_id import RequestId


async def read(request: Request) -> PlainTextResponse:
    request.scope[INTERACTION] = "read"
    structlog.get_logger("passerelle.test").info("within")
    return PlainTextResponse("12345")


async def told(request: Request) -> PlainTextResponse:
    request.scope[ROUTE] = "/told/{by}/{the route}"
    return PlainTextResponse("")


async def streamed(_: Request) -> StreamingResponse:
    return StreamingResponse(iter(["123", "45678"]))


async def broken(_: Request) -> PlainTextResponse:
    raise RuntimeError("the reason")


async def nothing_wrong() -> dict[str, str]:
    return {}


class Client:
    """Requests to an application without a network."""

    def __init__(self, app):
        self.app = app

    def request(self, method: str, path: str, **options) -> httpx.Response:
        return asyncio.run(self._send(method, path, options))

    def get(self, path: str, **options) -> httpx.Response:
        return self.request("GET", path, **options)

    async def _send(self, method: str, path: str, options) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as within:
            return await within.request(method, path, **options)


def client(*observers) -> Client:
    fhir = [Route("/{type}/{id}", read, methods=["GET"]), Route("/told", told)]
    routes = [Mount("/fhir", routes=fhir), Route("/streamed", streamed), Route("/broken", broken), *health_routes(nothing_wrong)]
    return Client(Observed(RequestId(Starlette(routes=routes)), observers))


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/fhir/Patient/123?name=Dupont", ("GET", "/fhir/{type}/{id}", "read", 200, 5)),
        ("GET", "/fhir/told", ("GET", "/told/{by}/{the route}", "", 200, 0)),
        ("GET", "/streamed", ("GET", "/streamed", "", 200, 8)),
        ("GET", "/Dupont/1", ("GET", UNMATCHED, "", 404, 9)),
        ("GET", "/health/live", ("GET", "/health/live", "", 200, 15)),
        ("DUPONT", "/streamed", ("OTHER", "/streamed", "", 405, 18)),
    ],
)
def test_an_exchange_is_told_by_templates(method, path, expected):
    seen: list[Exchange] = []
    client(seen.append).request(method, path)
    (one,) = seen
    assert (one.method, one.route, one.interaction, one.status) == expected[:4]
    assert one.sent_bytes == expected[4] or method == "DUPONT"
    assert one.seconds > 0
    assert one.request_id


def test_a_plain_route_of_a_fastapi_application_is_told_too():
    app = FastAPI(openapi_url=None)
    app.router.routes += health_routes(nothing_wrong)
    seen: list[Exchange] = []
    Client(Observed(app, [seen.append])).get("/health/ready")
    Client(Observed(app, [seen.append])).get("/nowhere")
    assert [(one.route, one.status) for one in seen] == [("/health/ready", 200), (UNMATCHED, 404)]


def test_a_request_that_broke_is_a_500():
    seen: list[Exchange] = []
    client(seen.append).get("/broken")
    assert [(one.route, one.status) for one in seen] == [("/broken", 500)]


@contextlib.contextmanager
def logs_to(stream: io.StringIO, log_format="json", level="info"):
    """Logs as configured, and afterwards as they were."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    configure_logs(log_format, level, stream)
    try:
        yield
    finally:
        root.handlers[:] = before[0]
        root.setLevel(before[1])
        structlog.reset_defaults()


@pytest.fixture
def lines():
    stream = io.StringIO()
    with logs_to(stream):
        yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def test_every_line_of_a_request_has_the_id_that_the_answer_carries(lines):
    answer = client(logged).get("/fhir/Patient/123", headers={"x-request-id": "abc-1"})
    assert answer.headers["x-request-id"] == "abc-1"
    assert [(line["event"], line["request_id"]) for line in lines()] == [("within", "abc-1"), ("request", "abc-1")]


def test_a_line_says_what_was_done_and_how_long_it_took(lines):
    client(logged).get("/fhir/Patient/123")
    line = lines()[-1]
    found = {name: line[name] for name in ("method", "route", "interaction", "status", "sent_bytes", "level")}
    expected = {"method": "GET", "route": "/fhir/{type}/{id}", "interaction": "read", "status": 200, "sent_bytes": 5, "level": "info"}
    assert found == expected
    assert line["milliseconds"] > 0
    assert line["timestamp"].endswith("Z")


def test_the_quick_line_says_the_same_as_the_ordinary_one(lines):
    quick = access_log()
    assert isinstance(quick, AccessLog)
    client(logged, quick).get("/fhir/Patient/123")
    quick.flush()
    ordinary, other = (line for line in lines() if line["event"] == "request")
    assert {**ordinary, "timestamp": "", "milliseconds": 0} == {**other, "timestamp": "", "milliseconds": 0}
    assert len(other["timestamp"]) == len(ordinary["timestamp"])


def test_quick_lines_wait_for_each_other_but_not_long(lines):
    quick = access_log()

    async def three() -> int:
        for _ in range(3):
            quick(Exchange("GET", "/fhir/{type}/{id}", "read", 200, 0.001, 5, "abc"))
        waiting = len(lines())
        await asyncio.sleep(0.2)
        return waiting

    assert asyncio.run(three()) == 0
    assert len(lines()) == 3


def test_readable_and_sparse_logs_are_written_the_ordinary_way():
    with logs_to(io.StringIO(), "console"):
        assert access_log() is logged
    with logs_to(io.StringIO(), "json", "warning"):
        assert access_log() is logged


def test_no_line_holds_a_path_a_query_or_a_header(lines):
    client(logged).get("/fhir/Patient/Dupont-1950?name=Secret", headers={"x-request-id": "<Secret>", "user-agent": "Secret"})
    client(logged).get("/Secret?Secret=Secret")
    text = json.dumps(lines())
    assert "request" in text
    assert "Secret" not in text
    assert "Dupont" not in text


def test_health_checks_are_not_logged_while_all_is_well(lines):
    client(logged).get("/health/ready")
    assert lines() == []


def test_a_library_that_was_made_quiet_before_is_heard():
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    stream = io.StringIO()
    with logs_to(stream):
        logging.getLogger("uvicorn.error").warning("started")
    assert json.loads(stream.getvalue())["event"] == "started"


def test_lines_of_libraries_have_the_same_form(lines):
    logging.getLogger("uvicorn.error").warning("started on %s", "a port")
    logging.getLogger("uvicorn.access").info("GET /Secret")
    logging.getLogger("httpx").info("GET http://Secret")
    assert [(line["event"], line["level"], line["logger"]) for line in lines()] == [("started on a port", "warning", "uvicorn.error")]


def failed_with_a_name() -> None:
    try:
        try:
            int("Dupont")
        except ValueError as error:
            raise KeyError("Dupont") from error
    except KeyError:
        structlog.get_logger("passerelle.test").exception("it broke")
        logging.getLogger("uvicorn.error").exception("it broke too")


def test_an_exception_is_one_line_with_its_places_and_kinds_but_not_its_text(lines):
    failed_with_a_name()
    found = lines()
    assert [line["event"] for line in found] == ["it broke", "it broke too"]
    for line in found:
        assert "ValueError" in line["exception"]
        assert "KeyError" in line["exception"]
        assert "in failed_with_a_name" in line["exception"]
        assert "Dupont" not in line["exception"].replace('int("Dupont")', "").replace('KeyError("Dupont")', "")


def test_a_task_that_nobody_waited_for_is_told_without_what_it_held(lines):
    async def held() -> None:
        task = asyncio.create_task(asyncio.to_thread(int, "Dupont"))
        await asyncio.wait([task])
        del task
        gc.collect()

    asyncio.run(held())
    (line,) = lines()
    assert line["event"] == "Task exception was never retrieved"
    assert "Dupont" not in json.dumps(line)


@pytest.mark.parametrize(("form", "level", "shown"), [("json", "debug", True), ("console", "debug", True), ("console", "info", False)])
def test_the_text_of_an_exception_is_shown_on_the_debug_level_only(form, level, shown):
    stream = io.StringIO()
    with logs_to(stream, form, level):
        failed_with_a_name()
    assert ("invalid literal for int()" in stream.getvalue()) is shown
    assert "KeyError" in stream.getvalue()


def test_a_terminal_gets_readable_lines():
    stream = io.StringIO()
    with logs_to(stream, "console", "info"):
        structlog.get_logger("passerelle.test").info("started", port=8080)
    assert "started" in stream.getvalue()
    assert not stream.getvalue().startswith("{")


def test_levels_below_the_one_asked_for_are_left_out():
    stream = io.StringIO()
    with logs_to(stream, "json", "warning"):
        structlog.get_logger("passerelle.test").info("left out")
        logging.getLogger("library").info("left out")
        structlog.get_logger("passerelle.test").warning("kept")
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["kept"]


def test_a_line_that_cannot_be_written_does_not_stop_the_request(monkeypatch):
    stream = io.StringIO()
    with logs_to(stream, "json", "info"):
        stream.close()
        assert client(logged).get("/fhir/Patient/1").status_code == 200


def test_metrics_count_by_template_and_interaction_never_by_id():
    metrics = Metrics()
    metrics.gauge("store_resources", "Resources in the store.", lambda: 42)
    within = client(metrics.exchange)
    for id_ in ("1", "2"):
        within.get(f"/fhir/Patient/{id_}")
    text = Client(Starlette(routes=[metrics.route()])).get("/metrics").text
    expected = 'passerelle_http_requests_total{interaction="read",method="GET",route="/fhir/{type}/{id}",status="200"} 2.0'
    assert expected in text.splitlines()
    assert "passerelle_store_resources 42.0" in text.splitlines()
    assert "passerelle_http_request_seconds_bucket" in text


def test_metrics_count_what_took_how_long_whatever_its_status():
    metrics = Metrics()
    for status, seconds in ((200, 0.001), (200, 0.0011), (404, 0.3), (200, 31.0)):
        metrics.exchange(Exchange("GET", "/fhir/{type}/{id}", "read", status, seconds, 5, "abc"))
    found = dict(line.rsplit(" ", 1) for line in Client(Starlette(routes=[metrics.route()])).get("/metrics").text.splitlines())
    of, route = 'interaction="read"', 'method="GET",route="/fhir/{type}/{id}"'
    labels = f"{of},{route}"
    counts = [found[f'passerelle_http_request_seconds_bucket{{{of},le="{bound}",{route}}}'] for bound in BOUNDS_TOLD]
    assert counts == ["1.0", "2.0", "2.0", "2.0", "2.0", "2.0", "2.0", "2.0", "3.0", "3.0", "3.0", "3.0", "3.0", "3.0", "4.0"]
    assert found[f"passerelle_http_request_seconds_count{{{labels}}}"] == "4.0"
    assert float(found[f"passerelle_http_request_seconds_sum{{{labels}}}"]) == pytest.approx(31.3021)
    assert [found[f'passerelle_http_requests_total{{{labels},status="{status}"}}'] for status in (200, 404)] == ["3.0", "1.0"]


BOUNDS_TOLD = ("0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "5.0", "10.0", "30.0", "+Inf")


def test_two_servers_of_one_process_have_metrics_of_their_own():
    one, two = Metrics(), Metrics()
    client(one.exchange).get("/streamed")
    text = Client(Starlette(routes=[two.route()])).get("/metrics").text
    assert "passerelle_http_requests_total{" not in text


def test_readiness_names_what_is_wrong():
    async def problems() -> dict[str, str]:
        return {"store": "the disk is full"}

    within = Client(Starlette(routes=health_routes(problems)))
    assert within.get("/health/live").status_code == 200
    answer = within.get("/health/ready")
    assert (answer.status_code, answer.json()) == (503, {"status": "not ready", "problems": {"store": "the disk is full"}})
