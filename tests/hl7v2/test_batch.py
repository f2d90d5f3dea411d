"""Files and batches (HL7 2.5, 2.10.3): all of a file or nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.hl7v2.batch import MessageFile, answer_file, read_messages
from adapters.hl7v2.fault import MessageFault

A, B = b"MSH|^~\\&|first\rPID|1\r", b"MSH|^~\\&|second\rPID|2\r"
FHS, BHS = b"FHS|^~\\&|GAM|CHU|PASSERELLE|DAC|20260101||name||F1\r", b"BHS|^~\\&|GAM|CHU|PASSERELLE|DAC|20260101||||B1\r"


@pytest.mark.parametrize(
    ("content", "messages"),
    [
        (A, (A,)),
        (A + B, (A, B)),
        (BHS + A + B + b"BTS|2\r", (A, B)),
        (FHS + BHS + A + B + b"BTS|2\rFTS|1\r", (A, B)),
        (FHS + BHS + A + b"BTS|1\r" + BHS + B + b"BTS\rFTS|2\r", (A, B)),
        (FHS + A + B + b"FTS\r", (A, B)),
        ((FHS + BHS + A + b"BTS|1\rFTS|1\r").replace(b"\r", b"\r\n"), (A,)),
        (b"\xef\xbb\xbf\n" + A.replace(b"\r", b"\n\n"), (A,)),
    ],
)
def test_messages_come_out_in_their_order(content: bytes, messages: tuple[bytes, ...]) -> None:
    assert read_messages(content).messages == messages


@pytest.mark.parametrize(
    ("content", "place", "word"),
    [
        (b"PID|1\r", "MSH", "before its first message"),
        (b"junk\r", "MSH", "before its first message"),
        (b"", "MSH", "no message"),
        (b"\r\n\r\n", "MSH", "no message"),
        (FHS + b"FTS|0\r", "MSH", "no message"),
        (FHS + BHS + A + b"BTS|1\r", "FTS", "cut off"),
        (FHS + BHS + A, "BTS", "cut off"),
        (BHS + A + b"BTS|2\r", "BTS-1", "says 2 messages, and there are 1"),
        (FHS + BHS + A + b"BTS|1\rFTS|7\r", "FTS-1", "says 7 batches, and there are 1"),
        (BHS + A + BHS + B + b"BTS|1\r", "BHS", "before the one before it ended"),
        (A + b"BTS|1\r", "BTS", "did not begin"),
        (A + b"FTS|1\r", "FTS", "without its beginning"),
        (A + FHS, "FHS", "inside the file"),
        (FHS + BHS + A + b"BTS|1\rFTS|1\r" + B, "FTS", "after the end"),
        (BHS + A + b"BTS|1\rPID|1\r", "MSH", "belongs to no message"),
    ],
)
def test_what_is_not_whole_is_not_used_at_all(content: bytes, place: str, word: str) -> None:
    with pytest.raises(MessageFault, match=word) as caught:
        read_messages(content)
    assert str(caught.value.place) == place


def test_the_answers_come_in_an_envelope_of_the_same_form_turned_round() -> None:
    answered = answer_file([b"MSH|1\rMSA|AA\r", b"MSH|2\rMSA|AE\r"], read_messages(FHS + BHS + A + B + b"BTS|2\rFTS|1\r"))
    assert answered.split(b"\r") == [
        b"FHS|^~\\&|PASSERELLE|DAC|GAM|CHU||||||F1",
        b"BHS|^~\\&|PASSERELLE|DAC|GAM|CHU||||||B1",
        b"MSH|1", b"MSA|AA", b"MSH|2", b"MSA|AE", b"BTS|2", b"FTS|1", b"",
    ]  # fmt: skip
    assert answer_file([b"MSH|1\r"], MessageFile((A,))) == b"MSH|1\r"


LINE = st.sampled_from([FHS, BHS, A, B, b"BTS|1\r", b"BTS\r", b"FTS|1\r", b"FTS\r", b"PID|1\r"])


@given(st.lists(LINE, max_size=8))
def test_any_sequence_is_read_whole_or_refused(lines: list[bytes]) -> None:
    content = b"".join(lines)
    try:
        found = read_messages(content)
    except MessageFault:
        return
    assert len(found.messages) == content.count(b"MSH")
    assert read_messages(answer_file(found.messages, found)).messages == found.messages
