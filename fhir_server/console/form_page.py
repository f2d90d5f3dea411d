"""`/forms` lists the forms, `/forms/[id]` and `/forms?url=` show one to fill in; without scripts it is there to read.

The renderer inserts its styles by itself, so this page alone lets styles in that carry the nonce of the answer
(https://www.w3.org/TR/CSP3/#framework-directive-source-list); its script needs the nonce too, and nothing else runs.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from fhir_server.console.address import root_path
from fhir_server.console.form_answers import Answers
from fhir_server.console.form_author import author_given
from fhir_server.console.form_language import language_of, localised
from fhir_server.console.form_to_read import questions, texts_of
from fhir_server.console.forms import FormsDesk, canonical_of
from fhir_server.console.language import LANGUAGES, preferred_language, texts
from fhir_server.console.page import Pages
from fhir_server.console.static import static_path
from fhir_server.security.caller import Caller

SCRIPT = "form.js"
POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
Handler = Callable[[Request], Awaitable[Response]]
Form = dict[str, Any]


def forms_page(pages: Pages, desk: FormsDesk) -> Handler:
    """GET /forms, and /forms?url=CANONICAL."""

    async def handle(request: Request) -> Response:
        if url := request.query_params.get("url"):
            return await _answer(pages, request, desk, await desk.by_url(request.scope, url))
        language = form_language(request)
        forms = [localised(one, language) | {"lang": language_of(one, language)} for one in await desk.forms(request.scope)]
        return pages.page(request, "forms.html", language=language, section="forms", forms=forms, other=_other(language))

    return handle


def form_page(pages: Pages, desk: FormsDesk) -> Handler:
    """GET /forms/ID."""

    async def handle(request: Request) -> Response:
        return await _answer(pages, request, desk, await desk.by_id(request.scope, request.path_params["id"]))

    return handle


def form_language(request: Request) -> str:
    """The one that the reader chose on the page, else the browser's; French where the browser says nothing."""
    chosen = request.query_params.get("language", "")
    return chosen if chosen in LANGUAGES else preferred_language(request.headers.get("accept-language") or "fr")


async def _answer(pages: Pages, request: Request, desk: FormsDesk, found: Form | None) -> Response:
    caller = await desk.caller(request.scope)
    return pages.not_found(request) if found is None else await run_sync(_page, pages, request, desk, found, caller)


def _page(pages: Pages, request: Request, desk: FormsDesk, found: Form, caller: Caller) -> Response:
    language, nonce = form_language(request), secrets.token_urlsafe(18)
    form = Answers(desk.definitions, desk.terminology).carried_by(localised(found, language), language)
    url = request.query_params.get("url", "")
    response = pages.page(
        request, "form.html", language=language, section="forms", form=form, questions=questions(form), nonce=nonce,
        lang=language_of(found, language), given=_given(request, found, form, language, caller), script=static_path(SCRIPT), url=url,
        other=_other(language),
    )  # fmt: skip
    response.headers["content-security-policy"] = POLICY.format(nonce=nonce)
    return response


def _given(request: Request, found: Form, form: Form, language: str, caller: Caller) -> str:
    """What the script reads (src/given.ts), as JSON in which nothing can end the element that it stands in."""
    given = {
        "questionnaire": form, "canonical": canonical_of(form), "questions": texts_of(found), "language": language,
        "base": f"{root_path(request)}/fhir", "texts": texts(language)["form"], **author_given(caller),
    }  # fmt: skip
    return msgspec.json.encode(given).decode().replace("<", "\\u003c")


def _other(language: str) -> str:
    return next(one for one in LANGUAGES if one != language)
