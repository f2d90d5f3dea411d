"""OPTIONS: what an address allows (https://www.rfc-editor.org/rfc/rfc9110#section-9.3.7)."""

from __future__ import annotations

from collections.abc import Iterable

from fhir_server.patch.patch import ACCEPTED
from fhir_server.rest.response import Header, Response


def options(allowed: Iterable[str]) -> Response:
    """204 with Allow, and the formats of patches where PATCH is allowed."""
    methods = [*allowed, "OPTIONS"]
    patches: list[Header] = [(b"accept-patch", ", ".join(ACCEPTED).encode())] if "PATCH" in methods else []
    return Response(204, [(b"allow", ", ".join(methods).encode()), *patches])
