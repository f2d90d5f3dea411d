"""The address by which a request reached the server, as safe to show in a page and to paste into a shell."""

from __future__ import annotations

import re

from starlette.requests import Request

_HOST = re.compile(r"[A-Za-z0-9.\-_]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?")


def fhir_base(request: Request, configured: str | None) -> str:
    """`http://127.0.0.1:8080/fhir`: the configured base, else the request's own."""
    return configured.rstrip("/") if configured else f"{request.scope['scheme']}://{_host(request)}{root_path(request)}/fhir"


def root_path(request: Request) -> str:
    """What a proxy cut off in front of every path; usually nothing."""
    return str(request.scope.get("root_path", "")).rstrip("/")


def host_and_port(host: str, port: int) -> str:
    """`127.0.0.1:2575`, `[::1]:2575`."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _host(request: Request) -> str:
    """The Host header, or the socket's own address where the header is no host name."""
    named = request.headers.get("host", "")
    if _HOST.fullmatch(named):
        return named
    host, port = request.scope.get("server") or ("127.0.0.1", 80)
    return host_and_port(host, port or 80)
