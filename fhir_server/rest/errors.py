"""What an error carries in HTTP besides its status (`interactions.status`) and its OperationOutcome."""

from __future__ import annotations

from fhir_server.interactions.status import STATUS
from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.model.phrase import phrase
from fhir_server.rest.admission import TooManyRequests
from fhir_server.rest.authentication import Unauthenticated
from fhir_server.rest.byte_range import RangeNotSatisfiable
from fhir_server.rest.slow_body import BodyTooSlow

RETRY_AFTER_SECONDS = 2

_EXTRA: dict[Category, list[tuple[bytes, bytes]]] = {
    Category.BUSY: [(b"retry-after", b"%d" % RETRY_AFTER_SECONDS)],
    Category.TOO_LARGE: [(b"connection", b"close")],  # the rest of the body is not read
}


_OWN_STATUS: dict[type[FhirError], int] = {RangeNotSatisfiable: 416, BodyTooSlow: 408, TooManyRequests: 429}


class MethodNotAllowed(FhirError):
    """METHOD, with what is allowed instead."""

    def __init__(self, method: str, path: str, allowed: list[str]):
        self.allowed = allowed
        instead = ", ".join(allowed)
        sentence = phrase("{method} is not possible on {path}; use {allowed}.", method=method, path=path, allowed=instead)
        super().__init__(Category.METHOD, fault(Category.METHOD, "not-supported", sentence).issues)


class PatchNotRead(FhirError):
    """MEDIA_TYPE of a patch, with those that are read (https://www.rfc-editor.org/rfc/rfc5789#section-3.1)."""

    def __init__(self, media_type: str, accepted: tuple[str, ...]):
        self.accepted = ", ".join(accepted)
        sentence = f"Content-Type: {media_type[:80] or 'none'} is not a format of patches; send {self.accepted}."
        super().__init__(Category.MEDIA_TYPE, fault(Category.MEDIA_TYPE, "not-supported", sentence).issues)


def status_of(error: FhirError) -> int:
    """The status of an error's category; some have one of HTTP's own."""
    return next((status for kind, status in _OWN_STATUS.items() if isinstance(error, kind)), STATUS[error.category])


def headers_of(error: FhirError) -> list[tuple[bytes, bytes]]:
    """The headers that an error carries besides its OperationOutcome."""
    if isinstance(error, PatchNotRead):
        return [(b"accept-patch", error.accepted.encode())]
    if isinstance(error, MethodNotAllowed):
        return [(b"allow", ", ".join(error.allowed).encode())]
    if isinstance(error, Unauthenticated):
        return [(b"www-authenticate", error.challenge.encode())]
    if isinstance(error, RangeNotSatisfiable):
        return [(b"content-range", b"bytes */%d" % error.length)]
    if isinstance(error, TooManyRequests):
        return [(b"retry-after", b"%d" % error.seconds)]
    if isinstance(error, BodyTooSlow):
        return [(b"connection", b"close")]  # the rest of the body is not read
    return list(_EXTRA.get(error.category, ()))


def internal(request_id: str) -> FhirError:
    """What a client learns of a fault of ours: its number in the logs, nothing of the inside."""
    sentence = f"The server failed to answer this request; nobody can mend that but its operator. Tell them the request id {request_id}."
    return fault(Category.INTERNAL, "exception", sentence)
