"""What can go wrong, as exceptions that carry what the server said (https://hl7.org/fhir/R4/http.html#Status-Codes).

FhirClientError
├── Unreachable            no answer: refused, broken off, too late
├── NotUnderstood          an answer that is not FHIR, or that must not be followed
└── Refused                a status of 400 or more, with the OperationOutcome
    ├── Invalid            400, 422
    ├── Forbidden          401, 403
    ├── NotFound           404
    │   └── Gone           410: it was deleted
    ├── Conflict           409
    ├── PreconditionFailed 412: another version, or several matches
    └── Busy               429, 503
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


class FhirClientError(Exception):
    """Whatever this client raises."""


class Unreachable(FhirClientError):
    """No answer came. Of a write that is not repeated by itself nobody knows whether it was done."""


class NotUnderstood(FhirClientError):
    """The answer is not what FHIR says it is."""


class Refused(FhirClientError):
    """The server said no: `status`, the OperationOutcome as `outcome` (None where it sent none), `retry_after` as it was written.

    The message names no query: what is searched for may be a person's identifier.
    """

    def __init__(self, status: int, request: str, outcome: dict[str, Any] | None = None, retry_after: str | None = None):
        self.status, self.request, self.outcome, self.retry_after = status, request, outcome, retry_after
        super().__init__(f"{status} for {request}: {'; '.join(self.reasons) or 'no reason was given'}")

    @property
    def reasons(self) -> list[str]:
        """What each issue says, with where."""
        return list(_reasons(self.outcome or {}))


class Invalid(Refused):
    """400, 422: the request or the resource is wrong."""


class Forbidden(Refused):
    """401, 403: not for this caller."""


class NotFound(Refused):
    """404: it is not there."""


class Gone(NotFound):
    """410: it was deleted."""


class Conflict(Refused):
    """409: it cannot be done beside what is stored."""


class PreconditionFailed(Refused):
    """412: If-Match names another version than the newest, or a condition matches several resources."""


class Busy(Refused):
    """429, 503: ask again later."""


_OF_STATUS: dict[int, type[Refused]] = {
    400: Invalid,
    401: Forbidden,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: Gone,
    412: PreconditionFailed,
    422: Invalid,
    429: Busy,
    503: Busy,
}


def refusal(status: int, request: str, outcome: dict[str, Any] | None, retry_after: str | None = None) -> Refused:
    """The exception of a status."""
    return _OF_STATUS.get(status, Refused)(status, request, outcome, retry_after)


def _reasons(outcome: dict[str, Any]) -> Iterator[str]:
    for issue in outcome.get("issue", []):
        text = issue.get("diagnostics") or issue.get("details", {}).get("text") or issue.get("code", "")
        place = ", ".join(issue.get("expression", []))
        yield f"{text} ({place})" if place else text
