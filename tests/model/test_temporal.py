"""Dates and times as FHIR writes them, and the periods they denote."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.model.temporal import Precision, parse_temporal

PARIS = ZoneInfo("Europe/Paris")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(text: str) -> int:
    return (datetime.fromisoformat(text) - EPOCH) // timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("text", "kind", "precision", "offset"),
    [
        ("1974", "date", Precision.YEAR, None),
        ("1974-12", "date", Precision.MONTH, None),
        ("1974-12-25", "date", Precision.DAY, None),
        ("2000-02-29", "date", Precision.DAY, None),
        ("2015-02-07T13:28", "dateTime", Precision.MINUTE, None),
        ("2015-02-07T13:28:17Z", "dateTime", Precision.SECOND, 0),
        ("2015-02-07T13:28:17.239+02:00", "dateTime", Precision.FRACTION, 120),
        ("2015-02-07T13:28:17-05:30", "dateTime", Precision.SECOND, -330),
        ("2016-12-31T23:59:60Z", "dateTime", Precision.SECOND, 0),
        ("12:30", "time", Precision.MINUTE, None),
        ("12:30:05.1234567", "time", Precision.FRACTION, None),
    ],
)
def test_a_text_has_a_kind_a_precision_and_an_offset(text: str, kind: str, precision: Precision, offset: int | None) -> None:
    found = parse_temporal(text)
    assert (found.kind, found.precision, found.offset) == (kind, precision, offset)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "is not a date"), ("soon", "is not a date"), ("2020-1-1", "is not a date"), ("2020-02-30", "day"), ("2021-02-29", "day"),
        ("1900-02-29", "day"), ("2020-04-31", "day"), ("2020-00", "month"), ("2020-13", "month"), ("0000", "year"), ("2020-01-00", "day"),
        ("2020-01-01T24:00:00Z", "24:00"), ("24:00", "24:00"), ("12:60", "minute"), ("2020-01-01T10:00:61Z", "second"),
        ("2020-01-01T10:00:00+14:01", "14:00"), ("2020-01-01T10:00:00+01:60", "14:00"), ("2020-01-01T10", "hour without minutes"),
        ("14", "hour without minutes"), ("2020-01-01T", "is not a date"), ("2020-01-01 10:00", "without minutes|not a date"),
        ("2020-01-01\n", "is not a date"), ("\u0662\u0660\u0662\u0660", "is not a date"), ("12:30Z", "is not a time"),
        ("1" * 10_000, "is not a date"),
    ],
)  # fmt: skip
def test_what_is_no_date_is_refused_in_a_sentence(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse_temporal(text)


def test_hours_without_minutes_are_read_where_asked_for() -> None:
    assert parse_temporal("2015-02-04T14", bare_hours=True).components == (2015, 2, 4, 14)
    assert parse_temporal("14", bare_hours=True).kind == "time"


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2015", "2014-12-31T23:00:00+00:00", "2015-12-31T22:59:59.999999+00:00"),
        ("2015-03", "2015-02-28T23:00:00+00:00", "2015-03-31T21:59:59.999999+00:00"),
        ("2015-03-29", "2015-03-28T23:00:00+00:00", "2015-03-29T21:59:59.999999+00:00"),
        ("2015-07-01T10:30", "2015-07-01T08:30:00+00:00", "2015-07-01T08:30:59.999999+00:00"),
        ("2015-07-01T10:30:15", "2015-07-01T08:30:15+00:00", "2015-07-01T08:30:15.999999+00:00"),
        ("2015-07-01T10:30:15.25Z", "2015-07-01T10:30:15.250000+00:00", "2015-07-01T10:30:15.259999+00:00"),
        ("2015-07-01T10:30:15.1234567Z", "2015-07-01T10:30:15.123456+00:00", "2015-07-01T10:30:15.123456+00:00"),
        ("2015-07-01T00:30:00+02:00", "2015-06-30T22:30:00+00:00", "2015-06-30T22:30:00.999999+00:00"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00+00:00", "2017-01-01T00:00:00.999999+00:00"),
        ("2015-10-25T02:30:00", "2015-10-25T00:30:00+00:00", "2015-10-25T00:30:00.999999+00:00"),  # twice that night: the first
    ],
)
def test_a_text_denotes_a_period_from_its_first_to_its_last_microsecond(text: str, first: str, last: str) -> None:
    assert parse_temporal(text).interval(PARIS) == (microseconds(first), microseconds(last))


ENDS = ["0001", "0001-01", "0001-01-01", "9999", "9999-12", "9999-12-31", "0001-01-01T00:00:00", "9999-12-31T23:59:60"]


@pytest.mark.parametrize("text", ENDS)
@pytest.mark.parametrize("zone", [UTC, PARIS, timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))])
def test_the_ends_of_the_calendar_have_periods_in_every_zone(text: str, zone: timezone) -> None:
    first, last = parse_temporal(text).interval(zone)
    assert first < last


def test_a_time_of_day_counts_from_midnight() -> None:
    assert parse_temporal("00:01:00").interval(PARIS) == (60_000_000, 60_999_999)


dates = st.dates().map(str)
offsets = st.sampled_from(["", "Z", "+01:00", "-11:30", "+14:00"])
moments = st.builds(
    lambda moment, digits, offset: moment.isoformat(timespec="microseconds")[: 19 + (digits + 1 if digits else 0)] + offset,
    st.datetimes(), st.integers(0, 6), offsets,
)  # fmt: skip
texts = st.one_of(dates, dates.map(lambda text: text[:7]), dates.map(lambda text: text[:4]), moments)


@given(texts)
def test_reading_then_writing_gives_the_same_text(text: str) -> None:
    assert str(parse_temporal(text)) == text


@given(st.dates())
def test_a_day_lies_in_its_month_and_its_month_in_its_year(day: object) -> None:
    inner = [parse_temporal(str(day)[:length]).interval(PARIS) for length in (10, 7, 4)]
    assert inner[2][0] <= inner[1][0] <= inner[0][0] <= inner[0][1] <= inner[1][1] <= inner[2][1]


@given(st.datetimes(min_value=datetime(1900, 1, 1), timezones=st.just(UTC)))
def test_the_period_of_a_moment_holds_that_moment(moment: datetime) -> None:
    first, last = parse_temporal(moment.isoformat(timespec="milliseconds")).interval(PARIS)
    assert first <= (moment - EPOCH) // timedelta(microseconds=1) <= last


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_with_a_value_error(text: str) -> None:
    try:
        found = f"{parse_temporal(text).kind}."
    except ValueError as error:
        found = str(error)
    assert found.endswith(".")
