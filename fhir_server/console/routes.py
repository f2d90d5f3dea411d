"""The addresses of the pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from fhir_server.console.access_history import AccessHistoryDesk, access_history_page
from fhir_server.console.address import fhir_base, root_path
from fhir_server.console.api import ApiView, api_view
from fhir_server.console.documents import Documents, documents_folder
from fhir_server.console.form_page import form_page, forms_page
from fhir_server.console.forms import FormsDesk
from fhir_server.console.page import HEADERS, Pages
from fhir_server.console.start import start_page
from fhir_server.console.static import ICON, static_file
from fhir_server.console.validation import ValidationDesk, validation_answer, validation_page
from fhir_server.settings import Settings

OpenApi = Callable[[], dict[str, Any]]
Handler = Callable[[Request], Response]


def console_routes(
    settings: Settings, openapi: OpenApi | None = None, documents: Documents | None = None, desk: ValidationDesk | None = None,
    accesses: AccessHistoryDesk | None = None, forms: FormsDesk | None = None,
) -> list[BaseRoute]:  # fmt: skip
    """`/`, `/docs/...`, `/static/...`, `/api` where `openapi` gives the document (asked once, when first needed, in a thread), and
    `/validate` where there is a `desk`, `/persons/[id]/access-history` where `accesses` tells of them, `/forms` where there are `forms`."""

    pages = Pages(has_api=openapi is not None, has_validation=desk is not None, has_forms=forms is not None)

    def start(request: Request) -> Response:
        return start_page(request, settings, pages)

    handlers = [("/", start), *_documentation(pages, documents or Documents(documents_folder())), *_static(pages)]
    if openapi is not None:
        handlers += _api(pages, settings, cache(openapi))
    routes: list[BaseRoute] = [Route(path, handler, methods=["GET"], name=f"console {path}") for path, handler in handlers]
    routes += [] if desk is None else _validation(pages, desk)
    routes += [] if forms is None else _forms(pages, forms)
    return routes if accesses is None else [*routes, _access_history(pages, accesses)]


def _access_history(pages: Pages, desk: AccessHistoryDesk) -> BaseRoute:
    name = "console /persons/{id}/access-history"
    return Route("/persons/{id}/access-history", access_history_page(pages, desk), methods=["GET"], name=name)


def _forms(pages: Pages, desk: FormsDesk) -> Sequence[BaseRoute]:
    return [
        Route("/forms", forms_page(pages, desk), methods=["GET"], name="console /forms"),
        Route("/forms/{id}", form_page(pages, desk), methods=["GET"], name="console /forms/{id}"),
    ]


def _validation(pages: Pages, desk: ValidationDesk) -> Sequence[BaseRoute]:
    return [
        Route("/validate", validation_page(pages, desk), methods=["GET"], name="console /validate"),
        Route("/validate", validation_answer(pages, desk), methods=["POST"], name="console /validate checked"),
    ]


def _documentation(pages: Pages, documents: Documents) -> Sequence[tuple[str, Handler]]:
    def document(request: Request) -> Response:
        name = request.path_params["page"]
        shown, listed = documents.page(name), documents.folder(name.removesuffix("/"))
        if shown is None and not listed:
            return pages.not_found(request)
        title = shown.title if shown else name.removesuffix("/").capitalize()
        return pages.page(
            request, "document.html", section="docs", documents=documents, name=name, title=title, document=shown, listed=listed
        )

    def to_index(request: Request) -> Response:
        return _guarded(RedirectResponse(f"{root_path(request)}/docs/"))

    return [("/docs", to_index), ("/docs/{page:path}", document)]


def _static(pages: Pages) -> Sequence[tuple[str, Handler]]:
    def static(request: Request) -> Response:
        return _guarded(found) if (found := static_file(request)) else pages.not_found(request)

    def favicon(request: Request) -> Response:
        request.path_params["name"] = ICON
        return static(request)

    return [("/static/{name}", static), ("/favicon.ico", favicon)]


def _api(pages: Pages, settings: Settings, document: OpenApi) -> Sequence[tuple[str, Handler]]:
    @cache
    def view() -> ApiView:
        return api_view(document())

    def api(request: Request) -> Response:
        return pages.page(request, "api.html", section="api", api=view(), base=fhir_base(request, settings.base_url))

    def raw(request: Request) -> Response:
        served = document() | {"servers": [{"url": fhir_base(request, settings.base_url)}]}
        return _guarded(Response(msgspec.json.encode(served), media_type="application/json", headers={"cache-control": "no-cache"}))

    return [("/api", api), ("/api/openapi.json", raw)]


def _guarded(response: Response) -> Response:
    response.headers.update(HEADERS)
    return response
