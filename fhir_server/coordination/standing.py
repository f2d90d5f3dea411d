"""A care team or an episode of care as it stands now: over once its period is, and without the members whose time has not come or is over.

Both ends count, a date to its last moment, as for the care circle (`fhir_server.search.sight.grants`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from fhir_server.model.json_format import Resource
from fhir_server.model.temporal import parse_temporal

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def standing(followers: Iterable[Resource], now: datetime) -> list[Resource]:
    """Those whose period holds, a team with the members whose own does; `now` has the zone of dates without an offset."""
    return [_with_members(one, now) for one in followers if holds(one.get("period"), now)]


def _with_members(follower: Resource, now: datetime) -> Resource:
    if "participant" not in follower:
        return follower
    return {**follower, "participant": [one for one in follower["participant"] if holds(one.get("period"), now)]}


def holds(period: dict[str, Any] | None, now: datetime) -> bool:
    """Whether a Period has begun and is not over; one without a start or an end is open there."""
    moment, zone = (now - _EPOCH) // timedelta(microseconds=1), now.tzinfo or UTC
    start, end = (period or {}).get("start"), (period or {}).get("end")
    return (not start or _interval(start, zone)[0] <= moment) and (not end or moment <= _interval(end, zone)[1])


def _interval(text: str, zone: tzinfo) -> tuple[int, int]:
    return parse_temporal(text).interval(zone)
