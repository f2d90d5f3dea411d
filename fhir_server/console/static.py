"""The style sheet, the icon and the scripts: read and packed once, named by their content so that a browser may keep them."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response

from fhir_server.rest.compression import accepted_coding, packed

STYLE_SHEET = "passerelle.css"
ICON = "passerelle.svg"
_MEDIA_TYPES = {
    STYLE_SHEET: "text/css; charset=utf-8", ICON: "image/svg+xml", "validate.js": "text/javascript; charset=utf-8",
    "form.js": "text/javascript; charset=utf-8", "form-licences.txt": "text/plain; charset=utf-8",
}  # fmt: skip
_KEPT_A_YEAR = "public, max-age=31536000, immutable"


def static_path(name: str) -> str:
    """`/static/passerelle.css?v=1f2e3d4c5b6a`: another content, another address."""
    return f"/static/{name}?v={hashlib.sha256(_content(name)).hexdigest()[:12]}"


def static_file(request: Request) -> Response | None:
    """The file that the path names, or None."""
    name = request.path_params["name"]
    if name not in _MEDIA_TYPES:
        return None
    coding = accepted_coding(request.headers.get("accept-encoding", ""))
    told = {"cache-control": _caching(request), "vary": "Accept-Encoding"} | ({"content-encoding": coding} if coding else {})
    return Response(_packed(name, coding) if coding else _content(name), media_type=_MEDIA_TYPES[name], headers=told)


def _caching(request: Request) -> str:
    return _KEPT_A_YEAR if "v" in request.query_params else "no-cache"


@cache
def _packed(name: str, coding: str) -> bytes:
    return packed(_content(name), coding)


@cache
def _content(name: str) -> bytes:
    return (files("fhir_server.console") / "static" / name).read_bytes()
