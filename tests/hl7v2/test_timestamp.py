"""HL7 times to FHIR: the precision sent, the sender's zone, and what is said of doubtful hours."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.hl7v2.timestamp import TimestampError, timestamp

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026", "2026"),
        ("202603", "2026-03"),
        ("20260308", "2026-03-08"),
        ("2026030814", "2026-03-08T14:00:00+01:00"),
        ("202603081430", "2026-03-08T14:30:00+01:00"),
        ("20260708143005", "2026-07-08T14:30:05+02:00"),
        ("20260708143005.1250", "2026-07-08T14:30:05.1250+02:00"),
        ("20260308143000+0000", "2026-03-08T14:30:00+00:00"),
        ("20260308143000-0400", "2026-03-08T14:30:00-04:00"),
        ("20240229", "2024-02-29"),
    ],
)
def test_times_keep_their_precision(text: str, value: str) -> None:
    assert timestamp(text, PARIS).value == value
    assert timestamp(text, PARIS).note is None


def test_the_senders_zone_is_used_where_the_text_has_no_offset() -> None:
    assert timestamp("20260308143000", ZoneInfo("Indian/Reunion")).value == "2026-03-08T14:30:00+04:00"


def test_an_hour_that_occurs_twice_is_the_first_and_noted() -> None:
    found = timestamp("20261025023000", PARIS)
    assert found.value == "2026-10-25T02:30:00+02:00"
    assert "twice" in (found.note or "")


def test_an_hour_that_does_not_occur_is_noted() -> None:
    found = timestamp("20260329023000", PARIS)
    assert found.value == "2026-03-29T02:30:00+01:00"
    assert "does not occur" in (found.note or "")


@pytest.mark.parametrize(
    "text", ["", "26", "2026-03-08", "20261301", "20260230", "20230229", "20260308250000", "20260308146000", "00000101", "20260308+0100",
             "20260308140000+2500", "20260308140000+01", "demain", "202603081", "20260308143000.", "２０２６"]
)  # fmt: skip
def test_impossible_times_are_errors(text: str) -> None:
    with pytest.raises(TimestampError):
        timestamp(text, PARIS)


@given(st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)))
def test_every_time_comes_back_as_the_same_local_time(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    assert timestamp(moment.strftime("%Y%m%d%H%M%S"), PARIS).value[:19] == moment.isoformat()
