"""One line in the log for each HTTP exchange, cheap enough to write for every read.

The line is encoded at once and written with others of the same moment: a write to the log for each request cost a third of a read.
A server that is killed may lose the lines of its last moment; what was done to data is in the store.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from time import time_ns
from typing import Any

import msgspec
import structlog

from fhir_server.logs import Lines, json_lines
from fhir_server.observed import Exchange, Observer

LOGGER = "passerelle.http"
SECONDS = 0.05
"""So long a line may wait for others."""

MOST = 256
"""So many lines wait at most."""


class RequestLine(msgspec.Struct, omit_defaults=False):
    """The members of a line, in order."""

    method: str
    route: str
    interaction: str | None
    status: int
    milliseconds: float
    sent_bytes: int
    request_id: str | None
    event: str
    logger: str
    level: str
    timestamp: str


class AccessLog:
    """An observer of exchanges: lines go to `lines` in batches; call `flush` at the end."""

    def __init__(self, lines: Lines):
        self._lines = lines
        self._waiting: list[bytes] = []
        self._encode = msgspec.json.Encoder().encode

    def __call__(self, exchange: Exchange) -> None:
        """Health checks and failures go the ordinary way, after what was before them."""
        if exchange.status >= 500 or exchange.route in QUIET:
            self.flush()
            logged(exchange)
            return
        self._waiting.append(self._encode(_line(exchange)))
        if len(self._waiting) == 1:
            asyncio.get_running_loop().call_later(SECONDS, self.flush)
        elif len(self._waiting) >= MOST:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            self._lines.write(b"\n".join(waiting).decode())


def _line(exchange: Exchange) -> RequestLine:
    return RequestLine(
        exchange.method, exchange.route, exchange.interaction or None, exchange.status, round(exchange.seconds * 1000, 2),
        exchange.sent_bytes, exchange.request_id, "request", LOGGER, "info", _now(),
    )  # fmt: skip


def _now() -> str:
    seconds, nanoseconds = divmod(time_ns(), 1_000_000_000)
    return f"{_second(seconds)}.{nanoseconds // 1000:06d}Z"


@lru_cache(maxsize=2)
def _second(seconds: int) -> str:
    """The part of a time that all lines of one second share."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:19]


def access_log() -> Observer:
    """The quick form where logs are JSON and tell of every request; else `logged`."""
    lines = json_lines()
    return AccessLog(lines) if lines else logged


def logged(exchange: Exchange) -> None:
    """Writes one line: a warning for 5xx, else information; health checks and metrics on the debug level."""
    _level(exchange)(
        "request", method=exchange.method, route=exchange.route, interaction=exchange.interaction or None, status=exchange.status,
        milliseconds=round(exchange.seconds * 1000, 2), sent_bytes=exchange.sent_bytes, request_id=exchange.request_id,
    )  # fmt: skip


_logger = structlog.stdlib.get_logger(LOGGER)
QUIET = frozenset({"/health/live", "/health/ready", "/metrics"})


def _level(exchange: Exchange) -> Callable[..., Any]:
    if exchange.status >= 500:
        return _logger.warning
    return _logger.debug if exchange.route in QUIET else _logger.info
