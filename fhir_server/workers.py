"""Several server processes on one port: a parent that listens, starts them, starts anew those that end, and passes on SIGTERM.

The socket is the parent's: while a worker is started anew, connections wait in it instead of being refused. A worker notices by a pipe
that its parent has ended, however it ended, and drains.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.settings import Settings

log = structlog.stdlib.get_logger("passerelle.workers")

BACKLOG = 2048
SOON = 5.0
"""Seconds; a worker that ends earlier has failed to start."""
MOST_FAILURES = 5
LONGEST_PAUSE = 10.0
_STOPPING = (signal.SIGTERM, signal.SIGINT)


@dataclass(frozen=True, slots=True)
class Worker:
    """What one process is given: its number (0 does what only one may do), how many there are, the socket that all share,
    the end of the pipe that is closed with the parent, and a folder to find the others in."""

    number: int
    count: int
    socket: socket.socket
    lifeline: int
    folder: Path


def require_sharing(settings: Settings) -> None:
    """FhirError where the settings ask for several processes that could not share the database, or this system cannot make them."""
    if settings.workers == 1:
        return
    if not settings.on_postgresql:
        sentence = (
            f"workers: {settings.workers} processes need PostgreSQL (--database postgresql://USER@HOST/NAME); "
            "a SQLite file is served by one. Leave --workers out, or see docs/postgresql.md."
        )
        raise fault(Category.NOT_SUPPORTED, "not-supported", sentence)
    if not hasattr(os, "fork"):
        sentence = "workers: several processes need a Unix system; here, start several servers on ports of their own."
        raise fault(Category.NOT_SUPPORTED, "not-supported", sentence)


def supervise(settings: Settings, run: Callable[[Worker], None]) -> int:
    """Serve until SIGTERM or SIGINT; the exit status. `run` is called in each worker and returns when it has drained."""
    with _listening(settings) as shared, tempfile.TemporaryDirectory(prefix="passerelle-workers-") as folder:
        lifeline, held = os.pipe()
        crew = _Crew(lambda number: Worker(number, settings.workers, shared, lifeline, Path(folder)), run, held)
        return crew.serve(settings.workers)


def _listening(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=BACKLOG)
    except OSError as error:
        sentence = f"HTTP cannot listen on {settings.host}:{settings.port}: {error.strerror}. Name another --port."
        raise fault(Category.BUSY, "lock-error", sentence) from None


class _Crew:
    """The workers by process id."""

    def __init__(self, worker: Callable[[int], Worker], run: Callable[[Worker], None], held: int):
        self._worker = worker
        self._run = run
        self._held = held
        self._running: dict[int, tuple[int, float]] = {}
        self._stopping = False
        self._failures = 0

    def serve(self, count: int) -> int:
        for sign in _STOPPING:
            signal.signal(sign, lambda *_: self._stop())
        for number in range(count):
            self._start(number)
        while self._running:
            pid, status = os.wait()
            if (found := self._running.pop(pid, None)) and not self._stopping:
                self._replace(found[0], found[1], os.waitstatus_to_exitcode(status))
        return 1 if self._failures >= MOST_FAILURES else 0

    def _stop(self) -> None:
        self._stopping = True
        for pid in self._running:
            os.kill(pid, signal.SIGTERM)

    def _replace(self, number: int, started: float, status: int) -> None:
        """Start a worker anew, with growing pauses where it ends soon; after too many such, all end."""
        self._failures = self._failures + 1 if time.monotonic() - started < SOON else 0
        log.warning("a worker ended", worker=number, status=status)
        if self._failures >= MOST_FAILURES:
            log.error("workers end as soon as they are started; the reason is above")
            self._stop()
            return
        if self._failures:
            time.sleep(min(LONGEST_PAUSE, 0.25 * 2**self._failures))
        if not self._stopping:
            self._start(number)

    def _start(self, number: int) -> None:
        """No signal comes between the fork and the worker's own handlers: it would stop the others."""
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
        pid = os.fork()
        if pid == 0:
            _be(self._worker(number), self._run, self._held)
        self._running[pid] = number, time.monotonic()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)


def _be(worker: Worker, run: Callable[[Worker], None], held: int) -> None:
    """The life of a worker's process; does not return."""
    status = 1
    try:
        for sign in _STOPPING:
            signal.signal(sign, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)
        os.close(held)
        run(worker)
        status = 0
    except FhirError as error:
        status = 2
        print(*(issue.diagnostics for issue in error.issues), sep="\n", file=sys.stderr)
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
