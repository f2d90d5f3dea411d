"""What happened to each HTTP request, for those who log and count it. Pure ASGI, outermost.

Routes tell what they did by two keys of the ASGI scope: `scope["fhir_interaction"]` (a code of
https://hl7.org/fhir/R4/valueset-restful-interaction.html, or an operation's name) and, where the route is not one of Starlette's,
`scope["route_template"]` (`/fhir/{type}/{id}`). Paths and queries as they came never leave this file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any, NamedTuple

from starlette.types import ASGIApp, Message, Receive, Scope, Send

INTERACTION = "fhir_interaction"
ROUTE = "route_template"
UNMATCHED = "(no route)"
NOT_ANSWERED = 0
_KNOWN_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Exchange(NamedTuple):
    """A request and its answer. `seconds` until the last byte; `status` 0 where the client left before an answer."""

    method: str
    route: str
    interaction: str
    status: int
    seconds: float
    sent_bytes: int
    request_id: str | None


Observer = Callable[[Exchange], None]


class Observed:
    """Tells every observer of each exchange once it is over."""

    def __init__(self, app: ASGIApp, observers: Sequence[Observer], clock: Callable[[], float] = perf_counter):
        self.app = app
        self.observers = tuple(observers)
        self.clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = self.clock()
        root = scope.get("root_path", "")
        sending = _Sending(send)
        try:
            await self.app(scope, receive, sending)
        except BaseException:
            sending.status = sending.status or 500
            raise
        finally:
            self._tell(scope, root, sending, self.clock() - began)

    def _tell(self, scope: Scope, root: str, sending: _Sending, seconds: float) -> None:
        exchange = Exchange(
            method_label(scope["method"]), route_template(scope, root), scope.get(INTERACTION, ""), sending.status, seconds,
            sending.bytes, scope.get("request_id"),
        )  # fmt: skip
        for observer in self.observers:
            observer(exchange)


class _Sending:
    """Passes messages on, remembering the status and counting the bytes of the body."""

    __slots__ = ("bytes", "send", "status")

    def __init__(self, send: Send):
        self.send = send
        self.status = NOT_ANSWERED
        self.bytes = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        elif message["type"] == "http.response.body":
            self.bytes += len(message.get("body", b""))
        await self.send(message)


def route_template(scope: Scope, root: str = "") -> str:
    """`/fhir/{type}/{id}` for `/fhir/Patient/123`; `root` is the root_path before any routing."""
    if told := scope.get(ROUTE):
        return str(told)
    path: Any = getattr(scope.get("route"), "path", None) or _path_of_endpoint(scope)
    mounted: str = scope.get("root_path", "").removeprefix(root)
    return UNMATCHED if path is None else f"{mounted}{path}"


def _path_of_endpoint(scope: Scope) -> str | None:
    """FastAPI does not say in the scope which plain route it took, only the endpoint behind it."""
    endpoint = scope.get("endpoint")
    if endpoint is None:
        return None
    routes = getattr(scope.get("router"), "routes", ())
    return next((str(route.path) for route in routes if endpoint in (getattr(route, "endpoint", None), getattr(route, "app", None))), None)


def method_label(method: str) -> str:
    """The method, or OTHER: whoever sends invented methods must not make new series of metrics."""
    return method if method in _KNOWN_METHODS else "OTHER"
