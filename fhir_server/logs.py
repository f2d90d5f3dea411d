"""Logs: JSON lines, or readable ones on a terminal; the request id on every line; no patient data.

What a line may hold: an event in words, types of resources, route templates, statuses, counts, durations. Never a path as it came, a query
string, a body, or a field of a message: they carry names, identifiers and searches for persons.
"""

from __future__ import annotations

import logging
import sys
from typing import Literal, TextIO

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

from fhir_server.rest.request_id import current_request_id

LogFormat = Literal["auto", "json", "console"]

_OF_LIBRARIES = {"uvicorn.access": logging.CRITICAL, "httpx": logging.WARNING, "httpcore": logging.WARNING}
"""Libraries whose own lines would show addresses as they came; `RequestLog` says what may be said of a request."""


def configure_logs(log_format: LogFormat = "auto", level: str = "info", stream: TextIO | None = None) -> None:
    """Send all lines, those of libraries too, to `stream` (standard error) in one form."""
    target = stream or sys.stderr
    as_json = log_format == "json" or (log_format == "auto" and not target.isatty())
    shared = _shared_processors()
    handler = logging.StreamHandler(target)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_rendering(as_json)))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    _quieten_libraries()
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(), wrapper_class=structlog.stdlib.BoundLogger, cache_logger_on_first_use=False,
    )  # fmt: skip


def add_request_id(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """The id of the request that is being served (`X-Request-Id`), where there is one."""
    if "request_id" not in event and (identity := current_request_id.get()):
        event["request_id"] = identity
    return event


def _shared_processors() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars, add_request_id, structlog.stdlib.add_log_level, structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(), structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]  # fmt: skip


def _rendering(as_json: bool) -> list[Processor]:
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if as_json:
        return [remove, structlog.processors.format_exc_info, structlog.processors.JSONRenderer(sort_keys=False)]
    return [remove, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)]


def _quieten_libraries() -> None:
    for name, level in _OF_LIBRARIES.items():
        logging.getLogger(name).setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
