"""Who a professional is in the record: the Practitioner with her national identifier, and the roles she has now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from fhir_server.endpoint import LocalEndpoint
from fhir_server.model.json_format import Resource
from fhir_server.model.temporal import parse_temporal
from fhir_server.rest.authentication import FindActors
from fhir_server.security.caller import Actor
from fhir_server.security.identity import Identifier

ZONE = ZoneInfo("UTC")


def known_actors(endpoint: LocalEndpoint) -> FindActors:
    """A look-up by identifiers, any of which suffices."""

    async def find(identifiers: tuple[Identifier, ...]) -> frozenset[Actor]:
        wanted = ",".join(f"{system}|{value}" for system, value in identifiers)
        found = [one for one in await endpoint.search("Practitioner", [("identifier", wanted)]) if one.get("active") is not False]
        if not found:
            return frozenset()
        people = ",".join(f"Practitioner/{one['id']}" for one in found)
        roles = await endpoint.search("PractitionerRole", [("practitioner", people)])
        return frozenset(_actors([*found, *roles], datetime.now(UTC)))

    return find


def _actors(found: list[Resource], now: datetime) -> Iterator[Actor]:
    for one in found:
        if one.get("active") is not False and _is_within(one.get("period") or {}, now):
            yield str(one["resourceType"]), str(one["id"])


def _is_within(period: dict[str, Any], now: datetime) -> bool:
    """True where the period has begun and not ended (https://hl7.org/fhir/R4/datatypes.html#Period); a date counts to its end."""
    at = int(now.timestamp() * 1_000_000)
    start, end = period.get("start"), period.get("end")
    has_begun = start is None or parse_temporal(start).interval(ZONE)[0] <= at
    return has_begun and (end is None or at <= parse_temporal(end).interval(ZONE)[1])
