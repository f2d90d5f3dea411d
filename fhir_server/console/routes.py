"""The addresses of the pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from fhir_server.console.address import fhir_base
from fhir_server.console.api import ApiView, api_view
from fhir_server.console.documents import Documents, documents_folder
from fhir_server.console.page import HEADERS, not_found, page
from fhir_server.console.start import start_page
from fhir_server.console.static import ICON, static_file
from fhir_server.settings import Settings

OpenApi = Callable[[], dict[str, Any]]
Handler = Callable[[Request], Response]


def console_routes(settings: Settings, openapi: OpenApi | None = None, documents: Documents | None = None) -> list[BaseRoute]:
    """`/`, `/docs/...`, `/static/...`, and `/api` where `openapi` gives the document; it is asked once, when first needed, in a thread."""

    def start(request: Request) -> Response:
        return start_page(request, settings, openapi is not None)

    pages = [("/", start), *_documentation(documents or Documents(documents_folder())), *_static()]
    if openapi is not None:
        pages += _api(settings, cache(openapi))
    return [Route(path, handler, methods=["GET"], name=f"console {path}") for path, handler in pages]


def _documentation(documents: Documents) -> Sequence[tuple[str, Handler]]:
    def document(request: Request) -> Response:
        name = request.path_params.get("page", "").rstrip("/")
        shown, listed = documents.page(name), documents.folder(name)
        if shown is None and not listed:
            return not_found(request)
        title = shown.title if shown else name.rpartition("/")[2].capitalize()
        return page(request, "document.html", section="docs", documents=documents, name=name, title=title, document=shown, listed=listed)

    return [("/docs", document), ("/docs/{page:path}", document)]


def _static() -> Sequence[tuple[str, Handler]]:
    def static(request: Request) -> Response:
        return _guarded(found) if (found := static_file(request)) else not_found(request)

    def favicon(request: Request) -> Response:
        request.path_params["name"] = ICON
        return static(request)

    return [("/static/{name}", static), ("/favicon.ico", favicon)]


def _api(settings: Settings, document: OpenApi) -> Sequence[tuple[str, Handler]]:
    @cache
    def view() -> ApiView:
        return api_view(document())

    def api(request: Request) -> Response:
        return page(request, "api.html", section="api", api=view(), base=fhir_base(request, settings.base_url))

    def raw(request: Request) -> Response:
        served = document() | {"servers": [{"url": fhir_base(request, settings.base_url)}]}
        return _guarded(Response(msgspec.json.encode(served), media_type="application/json", headers={"cache-control": "no-cache"}))

    return [("/api", api), ("/api/openapi.json", raw)]


def _guarded(response: Response) -> Response:
    response.headers.update(HEADERS)
    return response
