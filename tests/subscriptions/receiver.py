"""A receiver of notifications on this machine, in a thread of its own: it keeps what comes, and answers as it is told to."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Came:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """`status` is asked for each request."""

    url: str = ""
    came: list[Came] = field(default_factory=list)
    status: Callable[[Came], int] = lambda came: 200
    seconds: float = 0

    def events(self) -> list[int]:
        """The numbers of the events that came, in the order they did."""
        bundles = (one.json for one in self.came if one.body)
        return [int(part["valueString"]) for one in bundles for part in parts(one, "event-number")]

    def kinds(self) -> list[str]:
        return [parameter(one.json, "type")["valueCode"] for one in self.came if one.body]


def status_of(bundle: Any) -> Any:
    return bundle["entry"][0]["resource"]


def parameter(bundle: Any, name: str) -> Any:
    return next(one for one in status_of(bundle)["parameter"] if one["name"] == name)


def parts(bundle: Any, name: str) -> Iterator[Any]:
    """The parts of this name of its events."""
    events = (one for one in status_of(bundle)["parameter"] if one["name"] == "notification-event")
    return (part for one in events for part in one["part"] if part["name"] == name)


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def _take(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            came = Came(self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            time.sleep(receiver.seconds)
            status = receiver.status(came)
            receiver.came.append(came)
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        do_POST = do_PUT = _take

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/told"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
