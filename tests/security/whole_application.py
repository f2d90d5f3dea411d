"""The application as `serve` runs it, asked by ASGI."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from fhir_server.app import application
from fhir_server.assembly import put_together
from fhir_server.definitions.definitions import Definitions
from fhir_server.settings import Settings
from fhir_server.store.opening import open_store

Run = Callable[[Any], Any]


@contextmanager
def whole_application(run: Run, definitions: Definitions, data: Path, **settings: Any) -> Iterator[Any]:
    chosen = Settings(data=data, **settings)
    store = run(open_store(chosen.database))
    try:
        yield application(put_together(definitions, store, chosen), chosen)
    finally:
        run(store.close())


def ask(
    run: Run, app: Any, method: str, address: str, body: bytes = b"", headers: Mapping[str, str] | None = None, scheme: str = "http"
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of an answer. A path may hold what no HTTP parser would let through."""
    taken: list[Any] = []

    async def send(message: Any) -> None:
        taken.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    path, _, query = address.partition("?")
    given = {"host": "testserver"} | dict(headers or {})
    scope = {
        "type": "http", "method": method, "path": unquote(path), "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in given.items()], "scheme": scheme, "http_version": "1.1",
        "client": ("127.0.0.1", 1), "server": ("testserver", 80),
    }  # fmt: skip
    run(app(scope, receive, send))
    answered = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in taken[0]["headers"]}
    return taken[0]["status"], answered, b"".join(part.get("body", b"") for part in taken[1:])
