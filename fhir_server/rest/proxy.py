"""A proxy in front that does TLS: what it tells of the caller is believed, from its own address only."""

from __future__ import annotations

from functools import lru_cache

from starlette.types import ASGIApp, Receive, Scope, Send

from fhir_server.security.proxy_certificate import Networks, is_within


class BehindProxy:
    """Pure ASGI: the scheme and the address of the caller as the proxy saw them; `scope["peer"]` stays who is at the other end."""

    def __init__(self, app: ASGIApp, proxies: Networks):
        self._app = app
        self._is_proxy = lru_cache(maxsize=1024)(lambda address: is_within(address, proxies))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            self._believe(scope)
        await self._app(scope, receive, send)

    def _believe(self, scope: Scope) -> None:
        peer = scope["peer"] = (scope.get("client") or ("", 0))[0]
        if not self._is_proxy(peer):
            return
        told = {name: value.decode("latin-1") for name, value in scope["headers"] if name in (b"x-forwarded-proto", b"x-forwarded-for")}
        if (scheme := told.get(b"x-forwarded-proto", "").rpartition(",")[2].strip()) in ("http", "https"):
            scope["scheme"] = scheme if scope["type"] == "http" else scheme.replace("http", "ws")
        if caller := self._caller(told.get(b"x-forwarded-for", "")):
            scope["client"] = (caller, 0)

    def _caller(self, forwarded: str) -> str:
        """The last address that is none of our proxies: those before it are what the caller says."""
        addresses = [address.strip() for address in forwarded.split(",") if address.strip()]
        return next((address for address in reversed(addresses) if not self._is_proxy(address)), "")
