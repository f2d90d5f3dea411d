"""The number of somebody in the national register of persons (NIR), with its key: 13 characters and two digits.

The key is 97 less the remainder of the first thirteen by 97, where 2A counts as 19 and 2B as 18. What the parts are is told by
Service-Public (https://www.service-public.fr/particuliers/vosdroits/F33078); months other than 01 to 12 stand for incomplete civil
status: which ones there are is no official text's here, so that only those that no source knows are called wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fhir_server.identifiers.birth_place import birth_place
from fhir_server.identifiers.fault import Fault
from fhir_server.identifiers.part import Part
from fhir_server.model.phrase import phrase

NIR = re.compile(r"[0-9]{5}(?:[0-9]{2}|2[AB])[0-9]{8}")
BORN = frozenset("12")
WAITING = frozenset("123478")
"""An NIA, given while somebody waits for the NIR, begins with 3, 4, 7 or 8 as well (general knowledge)."""
_UNKNOWN_MONTHS = frozenset(f"{month:02d}" for month in (0, *range(13, 20), *range(43, 50)))


def key(number: str) -> str:
    """The two digits that belong behind the thirteen characters of a NIR."""
    department = {"2A": "19", "2B": "18"}.get(number[5:7], number[5:7])
    return f"{97 - int(number[:5] + department + number[7:]) % 97:02d}"


def has_right_key(value: str) -> bool:
    """Whether this is a NIR with the key that its characters give."""
    return NIR.fullmatch(value) is not None and key(value[:13]) == value[13:]


def nir_parts(value: str) -> Iterator[Part]:
    """Sex, year, month, place, number in the register, key."""
    yield Part(phrase("sex"), value[0], _sex(value[0]))
    yield Part(phrase("year of birth"), value[1:3], phrase("its last two digits"))
    yield Part(phrase("month of birth"), value[3:5], _month(value[3:5]))
    yield from birth_place(value[5:10])
    yield Part(phrase("number of the birth in the register"), value[10:13])
    yield Part(phrase("key"), value[13:])


def _month(month: str) -> str:
    if month in _UNKNOWN_MONTHS:
        return phrase("not known")
    return "" if month <= "12" else phrase("civil status incomplete")


def _sex(digit: str) -> str:
    if digit in "137":
        return phrase("male")
    return phrase("female") if digit in "248" else phrase("not known")


def key_faults(value: str) -> Iterator[Fault]:
    """The fault of a key that its number does not give."""
    right = key(value[:13])
    if right != value[13:]:
        sentence = phrase("The key should be {right}, not {found}, or another character is wrong: compare it with the original.",
                          right=right, found=value[13:])  # fmt: skip
        yield Fault("identifier-key", sentence)


def nir_faults(value: str) -> Iterator[Fault]:
    """A wrong key, and parts that no NIR has."""
    yield from key_faults(value)
    yield from _sex_faults(value, BORN)
    if value[3:5] in _UNKNOWN_MONTHS:
        yield Fault("identifier-part", phrase("No NIR has {month} as its month of birth: compare it with the original.", month=value[3:5]))
    if value[5:7] == "00":
        yield Fault("identifier-part", phrase("No NIR has 00 as its department of birth: compare it with the original."))


def nia_faults(value: str) -> Iterator[Fault]:
    """A wrong key, or a first digit that nobody has."""
    yield from key_faults(value)
    yield from _sex_faults(value, WAITING)


def _sex_faults(value: str, known: frozenset[str]) -> Iterator[Fault]:
    if value[0] not in known:
        sentence = phrase("The first digit is the sex, 1 or 2, and here it is {found}: compare it with the original.", found=value[0])
        yield Fault("identifier-part", sentence)
