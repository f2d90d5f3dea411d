"""`near` of Location (https://hl7.org/fhir/R4/location.html#search)."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.definitions.definitions import Definitions
from fhir_server.model.issue import FhirError
from fhir_server.search.types.position import EARTH, parse_position, point
from tests.search.database import SearchDatabase

FOUND = {
    "48.8566|2.3522|1|km": "l1",
    "48.8566|2.3522|4.8|km": "l1",
    "48.8566|2.3522|4.9|km": "l1 l2",
    "48.8566|2.3522|4900|m": "l1 l2",
    "48.8566|2.3522|3.1|[mi_i]": "l1 l2",
    "48.8566|2.3522|4.9": "l1 l2",
    "48.8566|2.3522": "l1 l2",
    "0|-179.99|3|km": "l4",
    "0|-179.99|2|km": "",
    "90|0|10007|km": "l1 l2",
    "90|17|10008|km": "l1 l2 l4",
    "48.8566|2.3522|0|km,0|179.99|1|km": "l1 l4",
    "48.8566|2.3522|40000|km": "l1 l2 l4",
}


@pytest.mark.parametrize(("value", "expected"), FOUND.items())
def test_what_is_near_is_found(database: SearchDatabase, value: str, expected: str) -> None:
    query = database.parse("Location", [("near", value)])
    assert not query.not_understood
    assert database.ids(query) == expected.split()
    assert database.count(query) == len(expected.split())


def test_a_location_without_a_position_is_missing_it(database: SearchDatabase) -> None:
    assert database.ids("Location?near:missing=true") == ["l3"]
    assert database.ids("Location?name=hopital&near=48.9|2.3522|10|km") == ["l1"]


@pytest.mark.parametrize("value", ["48", "a|b", "48|2|x", "48|2|1|kg", "48|2|1|miles", "91|0", "0|181", "0|0|-1|km", "1|2|3|km|5", "NaN|1"])
def test_what_is_no_place_is_refused(database: SearchDatabase, value: str) -> None:
    with pytest.raises(FhirError, match="near"):
        database.parse("Location", [("near", value)])


LATITUDES = st.floats(-90, 90)
LONGITUDES = st.floats(-180, 180)


@given(LATITUDES, LONGITUDES, LATITUDES, LONGITUDES)
def test_the_straight_line_is_the_chord_of_the_haversine_distance(one: float, two: float, three: float, four: float) -> None:
    phi, chi, delta = math.radians(one), math.radians(three), math.radians(four - two)
    haversine = math.sin((chi - phi) / 2) ** 2 + math.cos(phi) * math.cos(chi) * math.sin(delta / 2) ** 2
    assert math.dist(point(one, two), point(three, four)) == pytest.approx(2 * math.sqrt(min(haversine, 1)), abs=1e-9)


def test_a_distance_goes_round_the_earth(definitions: Definitions) -> None:
    quarter = parse_position(f"0|0|{EARTH * math.pi / 2}|m").chord
    assert quarter == pytest.approx(math.sqrt(2))
    assert parse_position("0|0|99999|km").chord == pytest.approx(2)
