"""Check digits: they tell a mistyped code from a right one where the code system itself is in no package.

SNOMED CT identifiers (SCTID, https://docs.snomed.org, Release File Specifications) end in a digit by Verhoeff, LOINC codes
(https://loinc.org, Users' Guide) in one modulo 10.
"""

from __future__ import annotations

_STEP = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)
"""Verhoeff's permutation: applied once for each place to the left."""


def is_snomed_id(digits: str) -> bool:
    """Whether the last digit is Verhoeff's for those before it."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        total = _dihedral(total, _permuted(int(digit), place % 8))
    return total == 0


def _permuted(digit: int, times: int) -> int:
    for _ in range(times):
        digit = _STEP[digit]
    return digit


def _dihedral(left: int, right: int) -> int:
    """The product in the group of the pentagon's turns (0 to 4) and reflections (5 to 9)."""
    turn = left + right if left < 5 else left - right
    return turn % 5 + 5 * ((left < 5) != (right < 5))


def is_loinc_code(code: str) -> bool:
    """Whether `number-digit` ends in its check digit: every other digit doubled from the right, the digits of all added up."""
    number, _, digit = code.partition("-")
    doubled = "".join(str(int(one) * (2 - place % 2)) for place, one in enumerate(reversed(number)))
    return (sum(map(int, doubled)) + int(digit)) % 10 == 0
