"""`_count`, `_since` and `_at`, where they are read by HTTP itself (https://hl7.org/fhir/R4/http.html#history)."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from fhir_server.model.issue import Category, fault
from fhir_server.model.temporal import parse_temporal
from fhir_server.rest.request import FhirRequest
from fhir_server.store.stored import Period

UTC = ZoneInfo("UTC")


def page_size(request: FhirRequest) -> int:
    """Entries of a page: `_count` between 1 and the server's highest, or its default."""
    settings = request.service.settings
    text = request.parameter("_count")
    if text is None:
        return settings.default_count
    if not (text.isascii() and text.isdigit() and int(text[:10]) > 0):
        raise fault(Category.MALFORMED, "value", f"_count={text[:40]} is not a number of entries; it begins at 1.")
    return min(int(text[:10]), settings.max_count)


def since(request: FhirRequest) -> int | None:
    """`_since` (an instant) in microseconds since 1970-01-01 UTC."""
    text = request.parameter("_since")
    if text is None:
        return None
    try:
        return parse_temporal(text.replace(" ", "+")).interval(UTC)[0]  # a '+' that was not percent-encoded
    except ValueError as error:
        raise fault(Category.MALFORMED, "value", f"_since is not an instant such as 2026-01-31T08:00:00+01:00: {error}") from None


def at(request: FhirRequest) -> Period | None:
    """`_at` (a date, dateTime or instant, of any precision) as a period in microseconds since 1970-01-01 UTC."""
    text = request.parameter("_at")
    if text is None:
        return None
    try:
        return parse_temporal(text.replace(" ", "+")).interval(UTC)
    except ValueError as error:
        raise fault(Category.MALFORMED, "value", f"_at is not a date or time such as 2026-01-31T08:00:00+01:00: {error}") from None
