"""A proxy in front of sockets: what it tells of who opens one is believed, from its own address only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fhir_server.rest.proxy import BehindProxy
from fhir_server.security.proxy_certificate import networks


@pytest.mark.parametrize(
    ("peer", "scheme", "client"), [("10.0.0.1", "wss", "192.0.2.7"), ("192.0.2.9", "ws", "192.0.2.9")], ids=["the proxy", "another"]
)
def test_the_proxy_tells_the_scheme_and_the_address(run: Callable[[Any], Any], peer: str, scheme: str, client: str) -> None:
    seen: dict[str, Any] = {}

    async def application(scope: Any, *_: Any) -> None:
        seen.update(scope)

    headers = [(b"x-forwarded-proto", b"https"), (b"x-forwarded-for", b"192.0.2.7")]
    scope = {"type": "websocket", "scheme": "ws", "client": (peer, 5000), "headers": headers}
    run(BehindProxy(application, networks(["10.0.0.0/8"]))(scope, _none, _none))
    assert (seen["scheme"], seen["client"][0]) == (scheme, client)


async def _none(*_: Any) -> Any:
    return None
