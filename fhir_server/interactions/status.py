"""The status that a category stands for: in HTTP answers and, as text, in the entries of a batch-response
(https://hl7.org/fhir/R4/http.html#Status-Codes). The only such table.
"""

from __future__ import annotations

from http import HTTPStatus

from fhir_server.model.issue import Category

STATUS = {
    Category.MALFORMED: 400,
    Category.INVALID: 422,
    Category.NOT_FOUND: 404,
    Category.GONE: 410,
    Category.CONFLICT: 409,
    Category.PRECONDITION: 412,
    Category.TOO_LARGE: 413,
    Category.NOT_SUPPORTED: 501,
    Category.MEDIA_TYPE: 415,
    Category.NOT_ACCEPTABLE: 406,
    Category.METHOD: 405,
    Category.UNAUTHENTICATED: 401,
    Category.FORBIDDEN: 403,
    Category.BUSY: 503,
    Category.STORAGE: 507,
    Category.INTERNAL: 500,
}


def status_line(status: int) -> str:
    """`404 Not Found`, as Bundle.entry.response.status wants it."""
    return f"{status} {HTTPStatus(status).phrase}"
