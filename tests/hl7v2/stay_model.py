"""What a stay should look like after some words about it, written down plainly: a clerk who keeps a book and walks through it.

Shares nothing with the program but the words of PAM France.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from tests.hl7v2.stay_message import Said

FAMILY = {"A04": "A01", "A07": "A06"}
ORDER = ["A14", "A05", "A01", "A06", "A02", "A54", "A21", "A22", "A16", "A03"]
STATUS = {"A05": "planned", "A14": "planned", "A21": "onleave", "A03": "finished", **dict.fromkeys(("A01", "A06", "A22"), "in-progress")}
CLASSES = {"I": "IMP", "O": "AMB", "E": "EMER"}


@dataclass
class Stay:
    """Hours, None for unknown. Histories are lists of (value, from, to)."""

    status: str = "unknown"
    letter: str | None = None
    start: int | None = None
    end: int | None = None
    statuses: list[tuple[str, int | None, int | None]] = field(default_factory=list)
    letters: list[tuple[str, int | None, int | None]] = field(default_factory=list)
    wards: list[tuple[str, int | None, int | None]] = field(default_factory=list)
    doctors: list[tuple[str, int | None, int | None]] = field(default_factory=list)
    home: bool = False
    impossible: bool = False


def family(said: Said) -> str:
    return FAMILY.get(said.event, said.event)


def alive(words: Iterable[Said]) -> list[Said]:
    """The movements that stand: the last word about each counts, and what it leaves out stays as it was said."""
    book: dict[tuple[int, str], Said | None] = {}
    for said in sorted(words, key=lambda one: one.recorded):
        key = (said.number, family(said))
        if said.action == "CANCEL":
            book[key] = None
        elif said.action == "INSERT" or key not in book or book[key] is not None:
            before = book.get(key)
            book[key] = said if before is None else _over(before, said)
    return [one for one in book.values() if one is not None]


def _over(before: Said, said: Said) -> Said:
    return replace(said, ward=said.ward or before.ward, doctor=said.doctor or before.doctor, home=said.home or before.home)


def expected(words: Sequence[Said]) -> Stay:
    standing = sorted(alive(words), key=lambda one: (one.hour, ORDER.index(family(one)), one.recorded))
    if _admission_taken_back(standing, words):
        standing = [one for one in standing if family(one) in ("A05", "A14")]
    there = [one for one in standing if family(one) not in ("A05", "A14", "A16")]
    book = there or [one for one in standing if family(one) in ("A05", "A14")]
    if not book:
        return _nothing_stands(standing, words)
    return _walk(book)


def _admission_taken_back(standing: list[Said], words: Sequence[Said]) -> bool:
    """Somebody was said to be admitted, and no admission stands: then nothing that happened inside happened."""
    return any(family(one) == "A01" for one in words) and not any(family(one) == "A01" for one in standing)


def _nothing_stands(standing: list[Said], words: Sequence[Said]) -> Stay:
    if standing:
        return Stay("in-progress")
    return Stay("cancelled" if any(family(one) in ("A01", "A05", "A14") for one in words) else "unknown")


def _walk(book: list[Said]) -> Stay:
    stay, gone = Stay("", impossible=family(book[0]) == "A03"), False
    counted: list[Said] = []
    for one in book:
        kind = family(one)
        if gone and kind != "A01":
            continue
        counted.append(one)
        gone = kind == "A03"
        _change(stay.statuses, _status(kind, stay.statuses), one.hour)
        _change(stay.letters, one.letter, one.hour)
        for spans, value in ((stay.wards, one.ward), (stay.doctors, one.doctor)):
            _move(spans, value, one.hour, gone)
        stay.home = gone and one.home
        stay.end = one.hour if gone else None
    stay.status, stay.letter = stay.statuses.pop()[0], stay.letters.pop()[0]
    stay.start = _start(counted)
    if not any(family(one) == "A01" for one in book):
        stay.impossible = False
    return stay


def _status(kind: str, before: list[tuple[str, int | None, int | None]]) -> str:
    return STATUS.get(kind) or (before[-1][0] if before else "in-progress")


def _change(spans: list[tuple[str, int | None, int | None]], value: str, hour: int) -> None:
    if not spans or spans[-1][0] != value:
        if spans:
            spans[-1] = (*spans[-1][:2], hour)
        spans.append((value, hour, None))


def _move(spans: list[tuple[str, int | None, int | None]], value: str, hour: int, gone: bool) -> None:
    open_ = spans[-1] if spans and spans[-1][2] is None else None
    other = bool(value) and (open_ is None or open_[0] != value)
    if open_ and (other or gone):
        spans[-1] = (*open_[:2], hour)
    if other:
        spans.append((value, None, hour) if gone else (value, hour, None))


def _start(book: list[Said]) -> int | None:
    admitted = [one.hour for one in book if family(one) in ("A01", "A05", "A14")]
    seen = [one.hour for one in book if family(one) != "A03"]
    return (admitted or seen or [None])[0]
