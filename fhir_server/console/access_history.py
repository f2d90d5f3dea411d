"""`/persons/[id]/access-history`: who saw or changed what of a person, to read; for the person and the data protection officer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from fhir_server.audit.access import may_see_history
from fhir_server.audit.access_history import accesses, position_of, position_text
from fhir_server.console.language import preferred_language
from fhir_server.console.page import Pages
from fhir_server.model.issue import FhirError
from fhir_server.security.caller import NOBODY, Caller
from fhir_server.store.audit import AuditTrail
from fhir_server.store.stored import instant

COUNT = 50


@dataclass(frozen=True, slots=True)
class AccessHistoryDesk:
    """Where the page gets its entries from, and who it learns is asking from."""

    audit: AuditTrail
    caller_of: Callable[[Scope], Awaitable[Caller]]


def access_history_page(pages: Pages, desk: AccessHistoryDesk) -> Callable[[Request], Awaitable[Response]]:
    """GET: a page of entries, the newest first. Who may not see it learns nothing: 404 as for any address."""

    async def handle(request: Request) -> Response:
        person = request.path_params["id"]
        if not may_see_history(await _caller(request, desk), person):
            return pages.not_found(request)
        page = await desk.audit.of_person(person, COUNT, position_of(request.query_params.get("after", "")))
        language = preferred_language(request.headers.get("accept-language", ""))
        shown = accesses(page.records, language)
        following = f"?after={position_text(page.next)}" if page.next else ""
        return pages.page(
            request, "access_history.html", section="", person=person, address=f"/persons/{quote(person)}/access-history",
            accesses=shown, following=following, instant=instant,
        )  # fmt: skip

    return handle


async def _caller(request: Request, desk: AccessHistoryDesk) -> Caller:
    try:
        return await desk.caller_of(request.scope)
    except FhirError:
        return NOBODY
