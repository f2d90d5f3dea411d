"""Logs: JSON lines, or readable ones on a terminal; the request id on every line; no patient data.

What a line may hold: an event in words, types of resources, route templates, statuses, counts, durations. Never a path as it came, a query
string, a body, or a field of a message: they carry names, identifiers and searches for persons. Tracebacks show where and which
kind of exception, and its text on the debug level only, because texts quote the values they stumbled over.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from typing import Any, Literal, TextIO

import msgspec
import structlog
from structlog.types import EventDict, Processor, WrappedLogger

from fhir_server.rest.request_id import current_request_id

LogFormat = Literal["auto", "json", "console"]

_QUIETER = {"uvicorn.access": logging.CRITICAL, "httpx": logging.WARNING, "httpcore": logging.WARNING}
"""Libraries whose own lines would show addresses as they came; `fhir_server.observed` says what may be said of a request."""


def configure_logs(log_format: LogFormat = "auto", level: str = "info", stream: TextIO | None = None) -> None:
    """Send all lines, those of libraries too, to `stream` (standard error) in one form."""
    target = stream or sys.stderr
    rendering = _rendering(log_format == "json" or (log_format == "auto" and not target.isatty()), level == "debug", target)
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*_shared(), *rendering], wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=Lines.factory(target), cache_logger_on_first_use=False,
    )  # fmt: skip
    _take_library_lines(target, number, rendering)


class Lines:
    """Where rendered lines go: whole lines, one at a time, whatever thread they come from."""

    def __init__(self, name: str, stream: TextIO, lock: threading.Lock):
        self.name = name
        self._stream = stream
        self._lock = lock

    @classmethod
    def factory(cls, stream: TextIO) -> Callable[..., Lines]:
        """What structlog calls with the name that `get_logger` was given."""
        lock = threading.Lock()
        return lambda name="passerelle", *_: cls(name, stream, lock)

    def write(self, line: str) -> None:
        """Write a line. One that cannot be written (the disk is full, the terminal is gone) is lost; the request goes on."""
        try:
            with self._lock:
                self._stream.write(line + "\n")
                self._stream.flush()
        except (OSError, ValueError):
            return

    debug = info = warning = error = critical = msg = write


def json_lines() -> Lines | None:
    """Where JSON lines of the information level go as configured; None where they have another form or are not written."""
    config = structlog.get_config()
    is_json = isinstance(config["processors"][-1], structlog.processors.JSONRenderer)
    told = config["wrapper_class"] in [structlog.make_filtering_bound_logger(level) for level in (logging.DEBUG, logging.INFO)]
    made = config["logger_factory"]()
    return made if is_json and told and isinstance(made, Lines) else None


def add_request_id(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """The id of the request that is being served (`X-Request-Id`), where there is one."""
    if "request_id" not in event and (identity := current_request_id.get()):
        event["request_id"] = identity
    return event


def trace(error: BaseException, with_text: bool = False) -> str:
    """The places and kinds of an exception and of those that led to it, the oldest first."""
    if with_text:
        return "".join(traceback.format_exception(error)).rstrip()
    return "\nwhich led to\n".join(_places(one) for one in reversed(list(_causes(error))))


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        yield one
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)


def _places(error: BaseException) -> str:
    kind = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    parts = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    return "\n".join(["".join(traceback.format_tb(error.__traceback__)) + kind, *(trace(part) for part in parts)])


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars, add_request_id, structlog.stdlib.add_logger_name, structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]  # fmt: skip


def _rendering(as_json: bool, with_text: bool, target: TextIO) -> list[Processor]:
    if as_json:
        exceptions = structlog.processors.ExceptionRenderer(lambda error: trace(error[1], with_text))
        return [exceptions, structlog.processors.JSONRenderer(_as_json)]
    shown = structlog.dev.ConsoleRenderer(
        colors=target.isatty(), exception_formatter=lambda out, error: _write_trace(out, error, with_text)
    )
    return [shown]


def _write_trace(out: TextIO, error: Any, with_text: bool) -> None:
    out.write("\n" + trace(error[1], with_text))


def _as_json(event: Any, **_: Any) -> str:
    return msgspec.json.encode(event, enc_hook=str).decode()


def _without_tasks(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """asyncio's lines go on with the task and the text of its exception; their first line says what happened."""
    if event.get("logger") == "asyncio":
        event["event"] = str(event["event"]).partition("\n")[0]
    return event


def _take_library_lines(target: TextIO, level: int, rendering: list[Processor]) -> None:
    """Give the lines of the standard library's loggers the same form."""
    handler = logging.StreamHandler(target)
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    before: list[Processor] = [*_shared(), _without_tasks]
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=before, processors=[remove, *rendering]))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.NOTSET)
    for name, least in _QUIETER.items():
        logging.getLogger(name).setLevel(least)
