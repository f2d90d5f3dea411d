"""Positions on the Earth for `near` (https://hl7.org/fhir/R4/location.html#search).

A position is kept as a point on the unit sphere. Two points are nearer than a distance just when the straight line between them is
shorter than that distance's chord, which is what the haversine formula says, but needs no trigonometry in the database and
knows neither poles nor date line.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from fhir_server.fhirpath.ucum import unit
from fhir_server.search.rows import IndexRows
from fhir_server.search.types.escape import split
from fhir_server.search.types.writer import Keys, Writer

EARTH = 6_371_008.8
"""Mean radius in metres."""

USUAL_DISTANCE = "50"
"""In the given unit, where a search names no distance: the specification leaves it to the server."""

_METRE = (("m", 1),)


def point(latitude: float, longitude: float) -> tuple[float, float, float]:
    """Degrees -> a point at distance 1 from the centre."""
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ValueError("a latitude is from -90 to 90, a longitude from -180 to 180 degrees")
    phi, theta = math.radians(latitude), math.radians(longitude)
    return math.cos(phi) * math.cos(theta), math.cos(phi) * math.sin(theta), math.sin(phi)


def _write_position(position: Any, keys: Keys, rows: IndexRows) -> None:
    place = point(float(position["latitude"]), float(position["longitude"]))
    for key in keys:
        rows.positions.append((key, *place))


WRITERS: dict[str, Writer] = {"Location.position": _write_position}


@dataclass(frozen=True, slots=True)
class PositionValue:
    """All points whose straight distance from (x, y, z) is at most `chord`, the sphere's radius being 1."""

    x: float
    y: float
    z: float
    chord: float


def parse_position(text: str) -> PositionValue:
    """`latitude|longitude`, then a distance and its UCUM unit (km) if wanted; ValueError with a sentence for anything else."""
    parts = [part.strip() for part in split(text, "|")]
    if not 2 <= len(parts) <= 4:
        raise ValueError("write latitude|longitude|distance|unit, for example 48.8566|2.3522|10|km")
    latitude, longitude, distance, code = (*parts, *("",) * (4 - len(parts)))
    metres = _number(distance or USUAL_DISTANCE) * _metres_of(code or "km")
    if metres < 0:
        raise ValueError("a distance is not negative")
    angle = min(metres / EARTH, math.pi)
    return PositionValue(*point(_number(latitude), _number(longitude)), 2 * math.sin(angle / 2))


def _number(text: str) -> float:
    try:
        number = float(Decimal(text))
    except InvalidOperation:
        raise ValueError(f"{text[:40]!r} is not a number") from None
    if not math.isfinite(number):
        raise ValueError(f"{text[:40]!r} is not a number that can be on the Earth")
    return number


def _metres_of(code: str) -> float:
    found = unit(code)
    if found is None or found[1] != _METRE:
        raise ValueError(f"{code[:40]!r} is no UCUM unit of length, such as km, m or [mi_i]")
    return float(found[0])
