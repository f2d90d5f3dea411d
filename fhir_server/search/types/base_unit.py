"""Quantities in UCUM's base units, so that 1 g is found as 1000 mg (https://hl7.org/fhir/R4/search.html#quantity)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from fhir_server.fhirpath.ucum import unit

UCUM = "http://unitsofmeasure.org"

LARGEST_EXPONENT = 200
"""Of a decimal, either sign: larger ones are not converted."""


@lru_cache(maxsize=4096)
def base_of(code: str) -> tuple[Fraction, str] | None:
    """How many base units one of this UCUM code is, and their product ("m-3.g"); None where the code is unknown."""
    found = unit(code)
    if found is None:
        return None
    factor, powers = found
    return factor, ".".join(name if power == 1 else f"{name}{power}" for name, power in powers) or "1"


@lru_cache(maxsize=1 << 14)
def in_base(value: Decimal | int, factor: Fraction) -> float:
    """The value times the factor, rounded once: equal quantities are equal floats, and order is kept."""
    if factor == 1 or abs(Decimal(value).adjusted()) > LARGEST_EXPONENT:
        return float(value)
    return float(Fraction(value) * factor)
