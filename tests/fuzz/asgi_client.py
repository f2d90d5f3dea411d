"""Requests to an ASGI application as bytes: nothing between the test and the server puts right what is wrong on purpose."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote_to_bytes, urlencode

from tests.patience import comes_to_an_end

Message = dict[str, Any]
Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    """Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0]

    def json(self) -> Any:
        return json.loads(self.body)


class AsgiClient:
    """Requests one after the other on a loop; paths are below `/fhir`."""

    asker: Any = None
    """Who the application is told asks, where a test says so."""

    def __init__(self, application: Any, loop: asyncio.AbstractEventLoop):
        self.application = application
        self.loop = loop

    def ask(
        self, method: str, path: str, query: Pairs | str = "", body: Any = b"", headers: Mapping[str, str | bytes] | None = None
    ) -> Answer:
        """The answer; a body that is no bytes is sent as JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"content-type": "application/fhir+json"} | dict(headers or {})
        scope = self.scope(method, path, query if isinstance(query, str) else urlencode(query, errors="surrogatepass"), sent)
        return self.exchange(scope, [{"type": "http.request", "body": content, "more_body": False}])

    def scope(self, method: str, path: str, query: str, headers: Mapping[str, str | bytes]) -> Message:
        raw = quote(path, safe="/%$*?:@!&'()+,;=-._~")
        named = {"host": "testserver", **headers}
        pairs = [
            (name.lower().encode("latin-1"), value if isinstance(value, bytes) else value.encode("utf-8")) for name, value in named.items()
        ]
        return {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http", "root_path": "/fhir",
            "path": "/fhir" + unquote_to_bytes(raw).decode("utf-8", "replace"), "raw_path": b"/fhir" + raw.encode(),
            "query_string": query.encode(), "headers": pairs, "client": ("127.0.0.1", 1), "server": ("testserver", 80),
        }  # fmt: skip

    def exchange(self, scope: Message, messages: Sequence[Message], goes_after: int | None = None) -> Answer:
        """What comes for these messages; the client goes away when it has taken `goes_after` of the answer's.

        TimeoutError where the server does not come to an end with them.
        """
        with comes_to_an_end():
            return self.loop.run_until_complete(self._exchange(scope, list(messages), goes_after))

    async def _exchange(self, scope: Message, messages: list[Message], goes_after: int | None) -> Answer:
        taken: list[Message] = []

        async def receive() -> Message:
            return messages.pop(0) if messages else {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            if goes_after is not None and len(taken) >= goes_after:
                raise OSError("the client has gone")
            taken.append(message)

        await self.application(scope, receive, send)
        return _answer(taken)


def _answer(taken: Sequence[Message]) -> Answer:
    start, *rest = taken
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in start["headers"]}
    return Answer(start["status"], headers, b"".join(message.get("body", b"") for message in rest))
