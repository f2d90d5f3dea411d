"""The FHIR base beside another application, in pure ASGI.

Starlette's own Mount would do, but a request would first go through the other application's middleware and routes: measured with
uvicorn, a read behind FastAPI's costs about twice what it costs here.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send


class FhirMount:
    """Requests at `prefix` (`/fhir`) and below it go to `fhir`, all others to `app`."""

    def __init__(self, prefix: str, fhir: ASGIApp, app: ASGIApp):
        self.prefix = prefix
        self.below = prefix + "/"
        self.fhir = fhir
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        root: str = scope.get("root_path", "")
        path: str = scope["path"].removeprefix(root)
        if path.startswith(self.below) or path == self.prefix:
            scope["root_path"] = root + self.prefix
            await self.fhir(scope, receive, send)
        else:
            await self.app(scope, receive, send)
