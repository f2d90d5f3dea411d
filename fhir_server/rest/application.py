"""The FHIR base as an ASGI application: dispatch, answer, and every failure as an OperationOutcome. Mount it at `/fhir`."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterable

from starlette.types import Receive, Scope, Send

from fhir_server.interactions import Interactions
from fhir_server.model.issue import FhirError
from fhir_server.operations.validate import ResourceValidator
from fhir_server.rest.admission import Admit, everyone
from fhir_server.rest.auditing import begin_note, tell_answered, tell_refused
from fhir_server.rest.authentication import Authentication, Nobody
from fhir_server.rest.compression import COMPRESSED_FROM, compress
from fhir_server.rest.dispatch import Dispatch
from fhir_server.rest.errors import MethodNotAllowed, headers_of, internal, status_of
from fhir_server.rest.job_works import JobWorks
from fhir_server.rest.options import options
from fhir_server.rest.place import placed
from fhir_server.rest.representation import outcome_of
from fhir_server.rest.request import FhirRequest
from fhir_server.rest.request_id import HEADER, current_request_id, identify
from fhir_server.rest.response import Response
from fhir_server.rest.route import Route
from fhir_server.rest.routes import ROUTES
from fhir_server.rest.security_headers import secured
from fhir_server.rest.service import Service
from fhir_server.rest.settings import RestSettings
from fhir_server.security.caller import NOBODY

VARY = (b"vary", b"accept, accept-encoding, accept-language, prefer")
"""What else than the address decides how an answer looks, for caches on the way."""

OPEN_PATHS = frozenset(("metadata", "openapi.json", ".well-known/smart-configuration"))
"""What everyone may ask, below the base: what the server can do, and how to show who one is."""

logger = logging.getLogger(__name__)


class FhirApplication:
    """Pure ASGI: nothing stands between the server and a handler."""

    def __init__(self, service: Service, admit: Admit = everyone):
        self.service = service
        self._admit = admit
        self._dispatch = Dispatch(service.routes, service.schema)
        works = JobWorks(
            service.interactions.store.jobs, service.working_for, service.settings, self.answer_known, service.authentication.require
        )
        service.runner.works = works.by_kind

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"the FHIR base speaks HTTP, not {scope['type']}")
        if "request_id" in scope:  # somebody outside has named it, and will say so
            await self._send(await self.answer(scope, receive), scope, send)
            return
        identity = identify(scope)
        token = current_request_id.set(identity)
        try:
            response = await self.answer(scope, receive)
            response.headers.append((HEADER, identity.encode()))
            await self._send(response, scope, send)
        finally:
            current_request_id.reset(token)

    async def answer(self, scope: Scope, receive: Receive) -> Response:
        """What is to be sent, once it is known who asks (`scope["caller"]`) and that they may ask now; every failure is one."""
        try:
            await self._identify(scope)
        except FhirError as error:
            return _refusal(FhirRequest(self.service, scope, receive, {}), error)
        return await self.answer_known(scope, receive)

    async def _identify(self, scope: Scope) -> None:
        """Who guesses at tokens is counted too, by address."""
        scope["caller"] = NOBODY
        try:
            if _path(scope).strip("/") not in OPEN_PATHS:
                scope["caller"] = await self.service.authentication.caller_of(scope)
        finally:
            self._admit(scope)

    async def answer_known(self, scope: Scope, receive: Receive) -> Response:
        """As `answer`, of a request whose caller is in its scope already."""
        try:
            route, parts = self._dispatch.find(scope["method"], _path(scope))
            scope["fhir_interaction"], scope["route_template"] = route.name, scope.get("root_path", "") + route.template
            request = FhirRequest(self.service, scope, receive, parts)
        except MethodNotAllowed as error:
            if scope["method"] == "OPTIONS":
                return options(error.allowed)
            return _refusal(FhirRequest(self.service, scope, receive, {}), error)
        except FhirError as error:
            return _refusal(FhirRequest(self.service, scope, receive, {}), error)
        try:
            return await self._carried_out(route, request)
        except FhirError as error:
            return _refusal(request, FhirError(error.category, await placed(error.issues, request.sent)) if request.sent else error)
        except Exception as error:
            _log(error, scope)
            return _refusal(request, internal(scope.get("request_id", "(none)")))

    async def _carried_out(self, route: Route, request: FhirRequest) -> Response:
        """The handler's answer. Where there is an audit trail, it tells of the request before anybody learns what came of it."""
        if not self.service.settings.audit or request.caller is NOBODY:
            return await route.handler(request)
        trail = self.service.interactions.store.audit
        begin_note(request.scope, request.caller, route.audited_name)
        try:
            response = await route.handler(request)
        except FhirError as error:
            await tell_refused(request, trail, error)
            raise
        except Exception:
            await tell_refused(request, trail, internal(""))
            raise
        await tell_answered(request, trail)
        return response

    async def _send(self, response: Response, scope: Scope, send: Send) -> None:
        headers = response.headers = secured(response.headers, scope)
        headers.append(VARY)
        if response.stream is not None:
            await _send_stream(response, scope, send)
            return
        if len(response.body) >= COMPRESSED_FROM and self.service.settings.compress:
            await compress(response, scope)
        if response.status not in (204, 304):
            headers.append((b"content-length", b"%d" % len(response.body)))
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else response.body})


def fhir_application(
    interactions: Interactions, validator: ResourceValidator, settings: RestSettings | None = None, routes: Iterable[Route] = ROUTES,
    authentication: Authentication | None = None,
) -> FhirApplication:  # fmt: skip
    """The application, ready to be mounted (`app.mount("/fhir", fhir_application(...))`)."""
    return FhirApplication(Service(interactions, validator, settings or RestSettings(), tuple(routes), authentication or Nobody()))


def _path(scope: Scope) -> str:
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def _refusal(request: FhirRequest, error: FhirError) -> Response:
    return outcome_of(request, status_of(error), error, headers_of(error))


def _log(error: Exception, scope: Scope) -> None:
    """Where it happened and of what kind; not the text of the exception, which may hold patient data."""
    frames = traceback.extract_tb(error.__traceback__)
    places = " < ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    logger.error("request failed: %s at %s", type(error).__name__, places, extra={"request_id": scope.get("request_id")})


async def _send_stream(response: Response, scope: Scope, send: Send) -> None:
    """Piece by piece, each when the client has taken the one before. What fails on the way cuts the answer short, which it can see."""
    assert response.stream is not None
    await send({"type": "http.response.start", "status": response.status, "headers": response.headers})
    if scope["method"] != "HEAD":
        async for piece in response.stream:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
