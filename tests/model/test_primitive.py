"""The primitive types of R4 (https://hl7.org/fhir/R4/datatypes.html#primitive)."""

from __future__ import annotations

import base64
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.definitions.definitions import Definitions
from fhir_server.model.primitive import MAX_STRING, PATTERNS, PRIMITIVES, check_primitive

GOOD = [
    ("base64Binary", "QUJD"),
    ("base64Binary", "QUI="),
    ("base64Binary", "QUJD\r\n QUJD"),
    ("boolean", False),
    ("canonical", "http://example.org/vs|1.0"),
    ("code", "two words"),
    ("date", "2024"),
    ("date", "2024-02"),
    ("date", "2024-02-29"),
    ("dateTime", "2024-02"),
    ("dateTime", "2024-02-29T23:59:60Z"),
    ("dateTime", "2024-02-29T08:30:00.123456+14:00"),
    ("decimal", 1),
    ("decimal", Decimal("0.123456789012345678901234567890")),
    ("decimal", Decimal("-0.0")),
    ("id", "a.B-3"),
    ("instant", "2024-02-29T08:30:00-03:30"),
    ("integer", -(2**31)),
    ("integer", 2**31 - 1),
    ("markdown", "# Title\n\ttext"),
    ("oid", "urn:oid:2.16.840"),
    ("positiveInt", 1),
    ("string", " é 漢 🩺 "),
    ("string", "x" * MAX_STRING),
    ("time", "23:59:60.5"),
    ("unsignedInt", 0),
    ("uri", "urn:ietf:rfc:3986"),
    ("url", "mailto:a@example.org"),
    ("uuid", "urn:uuid:c757873d-ec9a-4326-a141-556f43239520"),
    ("xhtml", "<div>x</div>"),
]

BAD = [
    ("base64Binary", "QUJ", "four characters"),
    ("base64Binary", "QUJDé", "base64 text"),
    ("base64Binary", "Q=JD", "base64 text"),
    ("boolean", "true", "without quotation marks"),
    ("boolean", 1, "true or false"),
    ("code", " a", "Remove the space"),
    ("code", "a  b", "double spaces"),
    ("date", "2023-02-29", "2023-02 has 28 days"),
    ("date", "2024-13-01", "a day that exists"),
    ("date", "0000", "a day that exists"),
    ("date", "２０２４", "a day that exists"),
    ("date", None, "extension that says why"),
    ("dateTime", "2024-02-29T08:30:00", "Add the offset"),
    ("dateTime", "2024-02-29T08:30+01:00", "hh:mm:ss"),
    ("dateTime", "2024-04-31T08:30:00Z", "2024-04 has 30 days"),
    ("decimal", "1.5", "without quotation marks"),
    ("decimal", True, "a JSON number"),
    ("decimal", Decimal("1e999999"), "between"),
    ("decimal", Decimal("NaN"), "a JSON number"),
    ("id", "x" * 65, "1 to 64"),
    ("id", "a_b", "1 to 64"),
    ("instant", "2024-02-29", "with an offset"),
    ("integer", 2**31, "2147483647"),
    ("integer", Decimal("1.0"), "whole"),
    ("integer", "5", "without quotation marks"),
    ("oid", "2.16.840", "urn:oid:"),
    ("positiveInt", 0, "from 1"),
    ("string", "", "Leave an element without a value out"),
    ("string", "a\x0bb", "U+000B"),
    ("string", "x" * (MAX_STRING + 1), "1048577 characters"),
    ("string", 5, "quotation marks"),
    ("string", {"a": 1}, "an object"),
    ("time", "24:00:00", "hh:mm:ss"),
    ("unsignedInt", -1, "from 0"),
    ("unsignedInt", True, "from 0"),
    ("uri", "http://example.org/a b", "without spaces"),
    ("uri", "", "Leave an element without a value out"),
    ("uuid", "urn:uuid:C757873D-EC9A-4326-A141-556F43239520", "lower case"),
    ("xhtml", "", "Leave an element without a value out"),
]


@pytest.mark.parametrize(("type_name", "value"), GOOD)
def test_a_good_value_is_accepted(type_name: str, value: object) -> None:
    assert check_primitive(type_name, value) is None


@pytest.mark.parametrize(("type_name", "value", "says"), BAD)
def test_a_bad_value_is_explained(type_name: str, value: object, says: str) -> None:
    sentence = check_primitive(type_name, value)
    assert sentence is not None
    assert says in sentence


def test_a_sentence_stays_short_and_printable() -> None:
    sentence = check_primitive("code", "\x00" + " x" * 5000)
    assert sentence is not None
    assert len(sentence) < 400
    assert "\x00" not in sentence


def test_every_primitive_type_of_r4_has_a_check(definitions: Definitions) -> None:
    assert set(PRIMITIVES) == definitions.schema.primitive_types


def test_the_patterns_are_those_of_the_specification(definitions: Definitions) -> None:
    assert dict(PATTERNS) == {name: definitions.schema[name].pattern for name in PATTERNS}


@given(st.dates())
def test_every_day_of_the_calendar_is_a_date(day: date) -> None:
    assert check_primitive("date", day.isoformat()) is None


@given(st.integers(1, 9999), st.integers(1, 12), st.integers(29, 31))
def test_a_date_is_accepted_just_where_the_calendar_has_it(year: int, month: int, day: int) -> None:
    text = f"{year:04}-{month:02}-{day:02}"
    assert (check_primitive("date", text) is None) == _exists(text)
    assert (check_primitive("dateTime", text + "T00:00:00Z") is None) == _exists(text)


def _exists(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


@given(st.binary(min_size=1))
def test_whatever_base64_writes_is_base64(content: bytes) -> None:
    assert check_primitive("base64Binary", base64.b64encode(content).decode()) is None


@given(st.sampled_from(sorted(PRIMITIVES)), st.text() | st.integers() | st.booleans() | st.none() | st.decimals())
def test_any_value_gets_an_answer(type_name: str, value: object) -> None:
    assert (check_primitive(type_name, value) is None) == PRIMITIVES[type_name].accepts(value)
