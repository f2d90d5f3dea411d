"""The check digit of RPPS, FINESS, SIREN and SIRET numbers (ISO/IEC 7812-1, annex B)."""

from __future__ import annotations

from collections.abc import Iterator

from fhir_server.identifiers.fault import Fault
from fhir_server.model.phrase import phrase


def check_digit(number: str) -> str:
    """The digit that belongs behind these digits."""
    return str(-sum(_weights(number + "0")) % 10)


def luhn_faults(value: str, digits: str | None = None) -> Iterator[Fault]:
    """The fault of a value whose last digit is not the one that those before it give; `digits` is the value without letters."""
    counted = digits or value
    right = check_digit(counted[:-1])
    if right != value[-1]:
        sentence = phrase("The last digit should be {right}, not {found}, or another one is wrong: compare it with the original.",
                          right=right, found=value[-1])  # fmt: skip
        yield Fault("identifier-key", sentence)


def _weights(digits: str) -> Iterator[int]:
    for place, digit in enumerate(reversed(digits)):
        yield sum(divmod(int(digit) * 2, 10)) if place % 2 else int(digit)
