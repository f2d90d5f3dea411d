"""Pages that may open a socket: those of this server, and of the origins that the settings name
(https://www.rfc-editor.org/rfc/rfc6455#section-10.2). A browser asks nobody before it opens one, whatever page wants it."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.types import Scope


def may_open(scope: Scope, base_url: str, origins: Sequence[str]) -> bool:
    """True too for what sends no Origin: it is no browser."""
    said = [value.decode("latin-1") for name, value in scope["headers"] if name == b"origin"]
    if not said:
        return True
    return len(said) == 1 and ("*" in origins or said[0] in origins or _authority(said[0]) in _own(scope, base_url))


def _own(scope: Scope, base_url: str) -> set[str]:
    """What this server is called, as host and port."""
    hosts = {value.decode("latin-1").lower() for name, value in scope["headers"] if name == b"host"}
    return (hosts | {_authority(base_url)}) - {""}


def _authority(url: str) -> str:
    parts = urlsplit(url)
    return parts.netloc.lower() if parts.scheme in ("http", "https") else ""
