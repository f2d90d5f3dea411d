"""Two parsers that nobody here wrote read the same in every field as ours, in more than two hundred messages of PAM France."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import hl7apy.parser
import pytest
from hl7types.codecs.er7.generic import decode_er7_generic
from hl7types.codecs.er7.hybrid import decode_er7_hybrid

from adapters.hl7v2.charset import declared_charset
from adapters.hl7v2.message import Message, Segment
from tests.hl7v2.pam_messages import CHARSETS, STRUCTURES, corpus

EACH = 9
Value = tuple[str, int, int, int, int, int, str]
"""Segment and its occurrence, field, repetition, component, subcomponent, and what is there."""


def text_of(raw: bytes) -> str:
    return raw.decode(CHARSETS.get(declared_charset(raw), "ascii"))


def fields_of(segment: Segment) -> range:
    return range(3 if segment.name == "MSH" else 1, len(segment.fields))


def ours(message: Message, *, escaped: bool) -> set[Value]:
    """All that says something."""
    return {
        (segment.name, segment.occurrence, field, one.number, component, subcomponent, text)
        for segment in message.segments
        for field in fields_of(segment)
        for one in segment.repetitions(field)
        for component in range(1, one.raw.count("^") + 2)
        for subcomponent, text in enumerate(_parts(one, component, escaped=escaped), 1)
        if text
    }


def _parts(one: Any, component: int, *, escaped: bool) -> list[str]:
    return one.component(component - 1).split("&") if escaped else one.subcomponents(component - 1)  # type: ignore[no-any-return]


def of_hl7types(text: str) -> set[Value]:
    found: set[Value] = set()
    counts: dict[str, int] = {}
    for segment in decode_er7_generic(text).segments:
        counts[segment.name] = counts.get(segment.name, 0) + 1
        for number, field in enumerate(segment.fields, 1):
            if segment.name == "MSH" and number < 3:
                continue
            for repetition, one in enumerate(field.repetitions, 1):
                for component, part in enumerate(one.components, 1):
                    for subcomponent, value in enumerate(part.subcomponents, 1):
                        if value:
                            found.add((segment.name, counts[segment.name], number, repetition, component, subcomponent, value))
    return found


@pytest.mark.parametrize("event", STRUCTURES)
def test_every_value_is_where_hl7types_has_it(event: str) -> None:
    for raw in corpus(event, EACH):
        text = text_of(raw)
        assert ours(Message.parse(raw), escaped=True) == of_hl7types(text)


@pytest.mark.parametrize("event", STRUCTURES)
def test_every_repetition_is_as_hl7apy_has_it(event: str) -> None:
    for raw in corpus(event, EACH):
        theirs = hl7apy.parser.parse_message(text_of(raw).strip("\r"), find_groups=False, force_validation=False)
        message = Message.parse(raw)
        assert [segment.name for segment in message.segments] == [other.name for other in theirs.children]
        for segment, other in zip(message.segments, theirs.children, strict=True):
            for number in fields_of(segment):
                mine = [one.raw.rstrip("^&") for one in segment.repetitions(number)]  # hl7apy leaves out some that nothing follows
                found = [field.to_er7().rstrip("^&") for field in other.children if field.name == f"{segment.name}_{number}"]
                assert [one for one in found if one] == [one for one in mine if one], f"{event} {segment.name}-{number}"


def typed_values(value: Any, place: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], str]]:
    """Leaves of a typed segment: the numbers behind its names (PID.3, CX.4, HD.1), and what is there."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from typed_values(inner, (*place, int(name.rpartition(".")[2])))
    elif value is not None:
        yield place, str(value)


@pytest.mark.parametrize("event", STRUCTURES)
def test_values_of_typed_segments_read_the_same_with_their_escapes_resolved(event: str) -> None:
    """hl7types knows the data types of HL7 2.5, and what it calls PID.3 CX.4 HD.1 is what we have at PID-3.4.1.

    It takes no `""` where a time or a number should be, so these are left out here.
    """
    compared = 0
    for raw in (one.replace(b'""', b"") for one in corpus(event, EACH)):
        message = Message.parse(raw)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            typed = decode_er7_hybrid(text_of(raw)).typed
        assert typed is not None, raw
        for name in ("PID", "PV1", "EVN", "PV2"):
            if (found := getattr(typed, name, None)) is not None and (segment := message.first(name)):
                compared += _same(segment, found.model_dump(by_alias=True, exclude_none=True))
    assert compared > (100 if event != "A40" else 0)


def _same(segment: Segment, theirs: dict[str, Any]) -> int:
    compared = 0
    for name, value in theirs.items():
        number = int(name.rpartition(".")[2])
        repetitions = value if isinstance(value, list) else [value]
        mine = segment.repetitions(number)
        mine = [one for one in mine if one.raw.strip("^&")]
        assert len([one for one in repetitions if one]) == len(mine), f"{segment.name}-{number}"
        for one, other in zip(mine, [one for one in repetitions if one], strict=True):
            for place, text in typed_values(other, ()):
                component, subcomponent = (*place, 1, 1)[:2]
                assert one.text(component - 1, subcomponent - 1) == text, f"{segment.name}-{number}.{component}.{subcomponent}"
                compared += 1
    return compared


def test_the_corpus_has_more_than_two_hundred_messages() -> None:
    messages = {raw for event in STRUCTURES for raw in corpus(event, EACH)}
    assert len(messages) > 230
