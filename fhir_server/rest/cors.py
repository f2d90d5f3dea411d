"""Pages of other origins (https://fetch.spec.whatwg.org/#http-cors-protocol). Without cookies: nobody is let in by where he comes from."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
ASKED = (
    "Accept", "Authorization", "Content-Type", "If-Match", "If-Modified-Since", "If-None-Exist", "If-None-Match", "Prefer", "Range",
    "X-Request-Id", "X-Security-Context",
)  # fmt: skip
SHOWN = (
    "Accept-Patch", "Allow", "Content-Disposition", "Content-Location", "Content-Range", "ETag", "Expires", "Last-Modified", "Location",
    "Retry-After", "X-Progress", "X-Request-Id", "X-Security-Context",
)  # fmt: skip
SECONDS = 3600


def across_origins(fhir: ASGIApp, origins: Sequence[str]) -> ASGIApp:
    """The application, for pages of these origins (`*` for all)."""
    return CORSMiddleware(fhir, allow_origins=origins, allow_methods=METHODS, allow_headers=ASKED, expose_headers=SHOWN, max_age=SECONDS)
