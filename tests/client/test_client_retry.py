"""What is sent again, when, and what never is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from fhir_server.client.retry import Retry, RetryingTransport, repeatable, seconds_of

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
URL = "http://fhir.example.org/fhir/"
Run = Callable[[Awaitable[Any]], Any]


class Answers(httpx.AsyncBaseTransport):
    """Gives these, one after the other: a status, a status with Retry-After, or an exception."""

    def __init__(self, *answers: int | tuple[int, str] | Exception):
        self._answers, self.asked = list(answers), 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        status, retry_after = answer if isinstance(answer, tuple) else (answer, None)
        return httpx.Response(status, headers={"Retry-After": retry_after} if retry_after else {}, content=b"{}")


def answered(run: Run, answers: Answers, method: str = "GET", path: str = "Patient/1", **headers: str) -> tuple[int, list[float]]:
    """The last status and the waits; chance is always the largest."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    transport = RetryingTransport(answers, Retry(), sleep=sleep, now=lambda: NOW, chance=lambda: 1.0)
    request = httpx.Request(method, URL + path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    return run(transport.handle_async_request(request)).status_code, waits


@pytest.mark.parametrize(
    ("method", "path", "headers", "may"),
    [
        ("GET", "Patient", {}, True),
        ("PUT", "Patient/1", {}, True),
        ("DELETE", "Patient/1", {}, True),
        ("POST", "Patient/_search", {}, True),
        ("POST", "Patient", {"If-None-Exist": "identifier=1"}, True),
        ("POST", "Patient", {}, False),
        ("POST", "", {}, False),
        ("POST", "Patient/1/$everything", {}, False),
        ("PATCH", "Patient/1", {"If-Match": 'W/"1"'}, False),
    ],
)
def test_only_what_may_be_done_twice_is_sent_again(method: str, path: str, headers: dict[str, str], may: bool) -> None:
    assert repeatable(httpx.Request(method, URL + path, headers=headers)) is may


@pytest.mark.parametrize("failure", [429, 502, 503, 504, httpx.ConnectError("refused"), httpx.ReadError("cut"), httpx.ReadTimeout("late")])
def test_a_passing_failure_is_asked_again(run: Run, failure: int | Exception) -> None:
    assert answered(run, Answers(failure, failure, 200)) == (200, [0.5, 1.0])


@pytest.mark.parametrize("status", [200, 304, 400, 404, 409, 410, 412, 422, 500, 501])
def test_any_other_answer_is_final(run: Run, status: int) -> None:
    assert answered(run, Answers(status)) == (status, [])


@pytest.mark.parametrize("failure", [503, httpx.ReadError("cut")])
def test_a_plain_create_is_sent_once(run: Run, failure: int | Exception) -> None:
    answers = Answers(failure, 201)
    try:
        assert answered(run, answers, "POST", "Patient") == (503, [])
    except httpx.ReadError:
        assert failure != 503
    assert answers.asked == 1


def test_after_four_attempts_the_last_failure_is_told(run: Run) -> None:
    assert answered(run, Answers(503, 503, 503, 503)) == (503, [0.5, 1.0, 2.0])
    with pytest.raises(httpx.ConnectError):
        answered(run, Answers(*[httpx.ConnectError("refused")] * 4))


def test_an_answer_that_breaks_off_is_asked_for_again(run: Run) -> None:
    async def cut() -> AsyncIterator[bytes]:
        yield b"{"
        raise httpx.ReadError("cut")

    parts: list[Any] = [cut(), b"{}"]
    transport = RetryingTransport(httpx.MockTransport(lambda _: httpx.Response(200, content=parts.pop(0))), Retry(first_wait=0.0))
    assert run(transport.handle_async_request(httpx.Request("GET", URL))).content == b"{}"


def test_the_server_says_how_long_to_wait(run: Run) -> None:
    assert answered(run, Answers((503, "7"), 200)) == (200, [7.5])


def test_a_wait_that_is_too_long_is_left_to_the_caller(run: Run) -> None:
    assert answered(run, Answers((503, "3600"))) == (503, [])


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None),
        ("0", 0.0),
        (" 12 ", 12.0),
        ("Sun, 01 Mar 2026 08:00:30 GMT", 30.0),
        ("Sun, 01 Mar 2026 07:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
    ],
)
def test_retry_after_is_a_number_or_a_date(text: str | None, seconds: float | None) -> None:
    assert seconds_of(text, NOW) == seconds


@pytest.mark.parametrize("part", [0.0, 0.3, 1.0])
def test_waits_are_spread_and_bounded(part: float) -> None:
    retry = Retry(attempts=20)
    waits = [retry.wait(attempt, None, NOW, part) for attempt in range(1, 20)]
    assert all(wait is not None and 0.25 <= wait <= 30 for wait in waits)
    assert retry.wait(20, None, NOW, part) is None
