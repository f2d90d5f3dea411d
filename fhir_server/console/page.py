"""A template filled in the reader's language, under headers that let a page load nothing but our style sheet and images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from fhir_server.console.address import root_path
from fhir_server.console.language import preferred_language, texts
from fhir_server.console.static import ICON, STYLE_SHEET, static_path

HEADERS: Mapping[str, str] = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Pages:
    """Makes the pages of one application; the links to the API, to validation and to forms are shown only where they are."""

    has_api: bool
    has_validation: bool = False
    has_forms: bool = False

    def page(self, request: Request, template: str, status: int = 200, language: str | None = None, **values: Any) -> HTMLResponse:
        """The template with `t` (texts), `language` (the one that the browser prefers), `root` (in front of every link) and `values`."""
        language = language or preferred_language(request.headers.get("accept-language", ""))
        html = _environment().get_template(template).render(
            t=texts(language), language=language, root=root_path(request), has_api=self.has_api, has_validation=self.has_validation,
            has_forms=self.has_forms, style_sheet=static_path(STYLE_SHEET), icon=static_path(ICON), **values
        )  # fmt: skip
        headers = {"content-language": language, "vary": "Accept-Language", "cache-control": "no-cache"}
        return HTMLResponse(html, status, headers={**HEADERS, **headers})

    def not_found(self, request: Request) -> HTMLResponse:
        """404 as a page that leads back."""
        return self.page(request, "not_found.html", 404, section="")


@cache
def _environment() -> Environment:
    return Environment(loader=FunctionLoader(_source), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def _source(name: str) -> str:
    return (files("fhir_server.console") / "templates" / name).read_text(encoding="utf-8")
