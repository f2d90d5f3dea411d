"""Reading the vertical-bar encoding (HL7 2.5, 2.5 to 2.7): tolerant of line ends, strict about what cannot be read."""

from __future__ import annotations

import gc

import hl7apy.parser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.hl7v2.fault import MessageFault
from adapters.hl7v2.message import Message, Separators, escape, unescape
from tests.hl7v2.conftest import MESSAGES

HEADER = "MSH|^~\\&|A|B|C|D|20260101||ADT^A01|1|P|2.5"


def parse(*lines: str, charset: str = "UNICODE UTF-8", end: str = "\r") -> Message:
    header = HEADER + "||||||" + charset
    return Message.parse(end.join([header, *lines]).encode("utf-8"))


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\r\r\n", "\n\n"])
def test_lines_may_end_in_any_way(end: str) -> None:
    assert [segment.name for segment in parse("EVN|A01", "PID|1", end=end).segments] == ["MSH", "EVN", "PID"]


def test_positions_are_those_of_the_standard() -> None:
    message = parse("PID|1||123^^^CHU&1.2.3&ISO^PI~456^^^X^INS")
    assert message.text("MSH", 1) == "|"
    assert message.text("MSH", 2) == "^~\\&"
    assert message.text("MSH", 9, 2) == "A01"
    assert message.text("PID", 3, 4, 2) == "1.2.3"
    assert [one.text() for one in message.segments[1].repetitions(3)] == ["123", "456"]


def test_a_message_that_was_read_leaves_nothing_to_the_collector_of_cycles() -> None:
    gc.collect()
    gc.disable()
    try:
        assert parse("PID|1||123^^^CHU&1.2.3&ISO^PI~456^^^X^INS").text("PID", 3, 4, 2) == "1.2.3"
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_what_was_not_sent_is_empty() -> None:
    message = parse("PID|1")
    assert message.text("PID", 30) == ""
    assert message.text("ZZZ", 1) == ""
    assert message.segments[1].repetitions(3) == []


def test_z_segments_and_repeated_segments_keep_their_order() -> None:
    message = parse("ROL|1", "ZFM|8", "ROL|2")
    assert [segment.name for segment in message.segments] == ["MSH", "ROL", "ZFM", "ROL"]
    assert [segment.occurrence for segment in message.all("ROL")] == [1, 2]


def test_separators_are_those_that_the_header_declares() -> None:
    message = Message.parse(b"MSH#*!?$#A#B#C#D#20260101##ADT*A01#1#P#2.5\rPID#1##12*34$5!67#?F?")
    assert message.text("PID", 3, 2, 2) == "5"
    assert message.segments[1].repetitions(3)[1].text() == "67"
    assert message.text("PID", 4) == "#"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"A\F\B", "A|B"),
        (r"\S\\T\\R\\E" + "\\", "^&~\\"),
        (r"one\.br\two", "one\ntwo"),
        (r"caf\XE9\ ", "café "),
        (r"\X0D0A\ ", "\r\n "),
        (r"\H\bold\N\ ", "bold "),
        (r"\Zunknown\ ", r"\Zunknown\ "),
        (r"\X00\ ", r"\X00\ "),
        ("a lone \\ stays", "a lone \\ stays"),
    ],
)
def test_escapes(written: str, meant: str) -> None:
    assert unescape(written, Separators()) == meant


@given(st.text(st.characters(exclude_categories=("Cc", "Cs"))))
def test_escaping_and_unescaping_is_the_identity(text: str) -> None:
    assert unescape(escape(text, Separators()), Separators()) == text


@given(st.text(st.characters(exclude_categories=("Cc", "Cs"))))
def test_an_escaped_text_is_one_component(text: str) -> None:
    message = parse(f"PID|1||{escape(text, Separators())}^PI")
    assert message.text("PID", 3) == text
    assert message.text("PID", 3, 2) == "PI"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\n",
        b"PID|1",
        b"MSH",
        b"MSH|^",
        b"MSHAAAAAAAAA",
        b"MSH|||||||||",
        b"MSH||~\\&|A",
        b"MSH|^^\\&|A|B",
        b"<xml/>",
        b"\x00" * 100,
    ],
)
def test_what_is_no_message_is_rejected_and_says_where(raw: bytes) -> None:
    with pytest.raises(MessageFault) as caught:
        Message.parse(raw)
    assert caught.value.rejected
    assert str(caught.value.place).startswith("MSH")


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\r\r"])
def test_a_second_message_in_the_same_frame_is_rejected_not_lost(end: bytes) -> None:
    header = b"MSH|^~\\&|A|B|C|D|20260101||ADT^A01|1|P|2.5"
    with pytest.raises(MessageFault, match="frame of its own") as caught:
        Message.parse(header + end + b"PID|1" + end + header + end + b"PID|2")
    assert caught.value.rejected
    assert str(caught.value.place) == "MSH[2]"


@given(st.binary(max_size=300))
def test_no_bytes_do_more_than_be_rejected(tail: bytes) -> None:
    try:
        message = Message.parse(b"MSH|^~\\&|" + tail)
    except MessageFault:
        return
    for segment in message.segments:
        for number in range(1, 10):
            segment.text(number, 2, 2)


class TestCharset:
    """MSH-18: what is declared is what is read; anything else is an error that names MSH-18."""

    @pytest.mark.parametrize(
        ("charset", "codec"), [("8859/1", "latin-1"), ("8859/15", "iso8859-15"), ("UNICODE UTF-8", "utf-8"), ("utf-8", "utf-8")]
    )
    def test_declared_charsets_are_read(self, charset: str, codec: str) -> None:
        text = HEADER + f"||||||{charset}\rPID|1||1||Hélène^Noël"
        assert Message.parse(text.encode(codec)).text("PID", 5) == "Hélène"

    def test_8859_15_has_the_euro_and_the_oe(self) -> None:
        text = HEADER + "||||||8859/15\rPID|1||1||BŒUF^€"
        assert Message.parse(text.encode("iso8859-15")).text("PID", 5) == "BŒUF"

    @pytest.mark.parametrize(
        ("charset", "sent"),
        [
            ("UNICODE UTF-8", "latin-1"),  # not valid UTF-8
            ("", "latin-1"),  # ASCII by default
            ("", "utf-8"),
            ("ASCII", "utf-8"),
            ("8859/1", "cp1252"),  # the oe ligature of Windows is a control character there
        ],
    )
    def test_other_bytes_than_declared_are_rejected_naming_msh_18(self, charset: str, sent: str) -> None:
        name = "Hélœne" if sent in ("cp1252", "utf-8") else "Hélène"
        with pytest.raises(MessageFault, match="MSH-18") as caught:
            Message.parse((HEADER + f"||||||{charset}\rPID|1||1||{name}").encode(sent))
        assert str(caught.value.place) == "MSH-18"
        assert caught.value.rejected

    def test_utf_8_sent_as_8859_is_found_where_it_leaves_control_characters(self) -> None:
        with pytest.raises(MessageFault, match="another character set was sent"):
            Message.parse((HEADER + "||||||8859/15\rPID|1||1||ÉLOÏSE").encode("utf-8"))

    def test_an_unknown_charset_is_rejected(self) -> None:
        with pytest.raises(MessageFault, match="use one of"):
            Message.parse((HEADER + "||||||KS X 1001\rPID|1").encode())


@pytest.mark.parametrize("file", sorted(MESSAGES.glob("*.er7")), ids=lambda file: file.stem)
def test_an_independent_parser_reads_the_same(file: object) -> None:
    raw = file.read_bytes()  # type: ignore[attr-defined]
    ours = Message.parse(raw)
    codec = "iso8859-15" if b"8859/15" in raw else "utf-8"
    theirs = hl7apy.parser.parse_message(raw.decode(codec).strip("\r"), find_groups=False, force_validation=False)
    for segment, other in zip(ours.segments, theirs.children, strict=True):
        assert segment.name == other.name
        sent = [number for number in range(3 if segment.name == "MSH" else 1, len(segment.fields)) if segment.field(number)]
        for number in sent:
            mine = [one.raw for one in segment.repetitions(number)]
            assert [field.to_er7() for field in other.children if field.name == f"{segment.name}_{number}"] == mine
