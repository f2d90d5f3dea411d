"""Requests that are sent again: only those that may be carried out twice (https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2).

Reads, PUT, DELETE, searches by POST and creates with If-None-Exist are; other POST and PATCH never are. A PUT or DELETE with If-Match
whose first answer was lost is answered 412 at the second time if the first had been done: read again and look.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import anyio
import httpx

PASSING = frozenset({429, 502, 503, 504})
STREAMED = "streamed"
"""The extension of a request whose answer is not to be read in one."""
REPEATABLE = frozenset({"GET", "HEAD", "PUT", "DELETE"})


@dataclass(frozen=True, slots=True)
class Retry:
    """How often and how late; seconds. `attempts` counts the first one: 1 is never again.

    The wait doubles from `first_wait` to `longest_wait`, each a random part of it, so that callers do not come back at once.
    A Retry-After is waited for in full; one longer than `longest_wait` ends the attempts.
    """

    attempts: int = 4
    first_wait: float = 0.5
    longest_wait: float = 30.0

    def wait(self, attempt: int, retry_after: str | None, now: datetime, part: float) -> float | None:
        """Seconds before the attempt after this one (the first is 1), `part` being a random number from 0 to 1; None: no more."""
        if attempt >= self.attempts:
            return None
        asked = seconds_of(retry_after, now)
        if asked is None:
            return min(self.longest_wait, self.first_wait * 2.0 ** (attempt - 1)) * (0.5 + part / 2)
        return asked + part * self.first_wait if asked <= self.longest_wait else None


def repeatable(request: httpx.Request) -> bool:
    """True where carrying it out twice does what once does."""
    is_search = request.method == "POST" and request.url.path.endswith("/_search")
    return request.method in REPEATABLE or "if-none-exist" in request.headers or is_search


def seconds_of(retry_after: str | None, now: datetime) -> float | None:
    """Seconds of a Retry-After header, a number or a date; None where there is none that can be read."""
    if retry_after is None:
        return None
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        then = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return max(0.0, ((then if then.tzinfo else then.replace(tzinfo=UTC)) - now).total_seconds())


def _now() -> datetime:
    return datetime.now(UTC)


class RetryingTransport(httpx.AsyncBaseTransport):
    """A transport that asks again where it may; beneath authentication, which sees only the last answer."""

    def __init__(
        self,
        transport: httpx.AsyncBaseTransport,
        retry: Retry,
        sleep: Callable[[float], Awaitable[object]] = anyio.sleep,
        now: Callable[[], datetime] = _now,
        chance: Callable[[], float] = random.random,
    ):
        self._transport, self._retry = transport, retry
        self._sleep, self._now, self._chance = sleep, now, chance

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        attempt = 1
        while True:
            answer = await self._attempt(request)
            wait = self._wait(attempt, request, answer)
            if wait is None:
                return _answer_or_raise(answer)
            if isinstance(answer, httpx.Response):
                await answer.aclose()
            await self._sleep(wait)
            attempt += 1

    async def aclose(self) -> None:
        await self._transport.aclose()

    async def _attempt(self, request: httpx.Request) -> httpx.Response | httpx.TransportError:
        try:
            answer = await self._transport.handle_async_request(request)
            if not request.extensions.get(STREAMED):
                await answer.aread()  # here, so that an answer that breaks off half-way is asked for again too
            return answer
        except httpx.TransportError as error:
            return error

    def _wait(self, attempt: int, request: httpx.Request, answer: httpx.Response | httpx.TransportError) -> float | None:
        response = answer if isinstance(answer, httpx.Response) else None
        if not repeatable(request) or (response is not None and response.status_code not in PASSING):
            return None
        retry_after = None if response is None else response.headers.get("retry-after")
        return self._retry.wait(attempt, retry_after, self._now(), self._chance())


def _answer_or_raise(answer: httpx.Response | httpx.TransportError) -> httpx.Response:
    if isinstance(answer, httpx.TransportError):
        raise answer
    return answer
