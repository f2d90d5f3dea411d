"""MLLP frames: whole messages only, never two glued together, whatever pieces the bytes come in."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.exchange.oversized import HEAD
from adapters.hl7v2.mllp import Fault, FaultKind, Frame, FrameDecoder, frame

A, B = b"MSH|^~\\&|first\rPID|1", b"MSH|^~\\&|second\rPID|2"


def decode(data: bytes, size: int = 0, limit: int = 1000) -> list[Frame | Fault]:
    decoder = FrameDecoder(limit)
    pieces = [data[at : at + size] for at in range(0, len(data), size)] if size else [data]
    return [event for piece in pieces for event in decoder.feed(piece)] + list(decoder.end())


def kinds(events: list[Frame | Fault]) -> list[object]:
    return [event.content if isinstance(event, Frame) else event.kind for event in events]


def test_a_frame_is_a_message() -> None:
    assert decode(frame(A)) == [Frame(A)]


def test_glued_frames_are_two_messages() -> None:
    assert decode(frame(A) + frame(B)) == [Frame(A), Frame(B)]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 16])
def test_pieces_of_any_size_make_the_same_frames(size: int) -> None:
    assert decode(frame(A) + frame(B), size) == [Frame(A), Frame(B)]


@pytest.mark.parametrize("noise", [b"\r\n", b"\n", b"\r\n\r\n  \0"])
def test_line_ends_around_frames_are_no_fault(noise: bytes) -> None:
    assert decode(noise + frame(A) + noise + frame(B) + noise) == [Frame(A), Frame(B)]


def test_other_bytes_between_frames_are_said_and_change_nothing() -> None:
    assert kinds(decode(frame(A) + b"hello" + frame(B))) == [A, FaultKind.NOISE, B]


def test_half_a_frame_and_then_a_whole_one_are_not_glued() -> None:
    assert kinds(decode(b"\x0b" + A[:9] + frame(B))) == [FaultKind.INTERRUPTED, B]


def test_half_a_frame_at_the_end_is_no_message() -> None:
    assert kinds(decode(frame(A) + b"\x0b" + B)) == [A, FaultKind.UNFINISHED]


def test_a_frame_without_its_last_cr_is_not_whole_until_it_comes() -> None:
    decoder = FrameDecoder()
    assert list(decoder.feed(b"\x0b" + A + b"\x1c")) == []
    assert list(decoder.feed(b"\r")) == [Frame(A)]


def test_fs_and_a_new_vt_end_the_frame_for_senders_that_leave_out_cr() -> None:
    assert decode(b"\x0b" + A + b"\x1c" + frame(B)) == [Frame(A), Frame(B)]


def test_fs_inside_a_message_breaks_it_and_the_next_is_whole() -> None:
    assert kinds(decode(b"\x0b" + A + b"\x1cmore\x1c\r" + frame(B))) == [FaultKind.BROKEN_END, FaultKind.NOISE, B]


def test_a_message_without_a_frame_is_noise() -> None:
    assert kinds(decode(A)) == [FaultKind.NOISE]


def test_a_message_over_the_limit_is_dropped_and_the_next_is_read() -> None:
    assert kinds(decode(frame(b"x" * 1001) + frame(A))) == [FaultKind.TOO_LARGE, A]
    assert kinds(decode(frame(b"x" * 1000))) == [b"x" * 1000]


def test_of_a_message_over_the_limit_the_beginning_is_told() -> None:
    content = b"MSH|" + bytes(range(0x20, 0x7B)) * 2000
    for size in (0, 1, 4096, 70_000):
        (fault,) = decode(frame(content), size, limit=100_000)
        assert isinstance(fault, Fault)
        assert (fault.size, fault.beginning) == (len(content), content[:HEAD])


def test_an_endless_message_does_not_fill_the_memory() -> None:
    decoder = FrameDecoder(limit=100_000)
    list(decoder.feed(b"\x0b"))
    tracemalloc.start()
    for _ in range(2_000):
        list(decoder.feed(b"x" * 10_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000
    assert kinds(list(decoder.feed(b"\x1c\r"))) == [FaultKind.TOO_LARGE]


MESSAGE = st.binary(max_size=60).map(lambda content: content.replace(b"\x0b", b"").replace(b"\x1c", b""))


@given(st.lists(MESSAGE, max_size=6), st.integers(1, 20))
def test_what_was_framed_comes_out_as_it_went_in(messages: list[bytes], size: int) -> None:
    assert decode(b"\r\n".join(frame(one) for one in messages), size) == [Frame(one) for one in messages]


@given(st.binary(max_size=200), st.integers(1, 20))
def test_any_bytes_give_the_same_events_in_any_pieces(data: bytes, size: int) -> None:
    whole = [event for event in decode(data) if isinstance(event, Frame)]
    assert [event for event in decode(data, size) if isinstance(event, Frame)] == whole
