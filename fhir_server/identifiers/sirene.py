"""The numbers of legal units (SIREN, 9 digits) and of their establishments (SIRET, that and 5 more), the last digit of each by Luhn.

Code de commerce, R. 123-221. La Poste's establishments (SIREN 356000000) are too many for that: the sum of the digits of their SIRET is
a multiple of 5, and its head office keeps to Luhn (general knowledge).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fhir_server.identifiers.adeli import ORGANIZATION
from fhir_server.identifiers.fault import Fault
from fhir_server.identifiers.kind import Kind
from fhir_server.identifiers.luhn import luhn_faults
from fhir_server.identifiers.part import Part
from fhir_server.model.phrase import phrase

SYSTEMS = ("https://sirene.fr", "http://sirene.fr")
LA_POSTE = "356000000"


def _siren_parts(value: str) -> Iterator[Part]:
    yield Part(phrase("number"), value[:8])
    yield Part(phrase("key"), value[8:])


def _siret_parts(value: str) -> Iterator[Part]:
    yield Part("SIREN", value[:9], "La Poste" if value[:9] == LA_POSTE else "")
    yield Part(phrase("number of the establishment"), value[9:13])
    yield Part(phrase("key"), value[13:])


def _siret_faults(value: str) -> Iterator[Fault]:
    if value[:9] != LA_POSTE:
        yield from luhn_faults(value[:9])
        yield from luhn_faults(value)
    elif sum(map(int, value)) % 5 and any(luhn_faults(value)):
        sentence = phrase("The digits of a SIRET of La Poste add up to a multiple of 5, and these do not: compare it with the original.")
        yield Fault("identifier-key", sentence)


SIREN = Kind(
    "siren",
    phrase("SIREN of a legal unit"),
    re.compile(r"[0-9]{9}"),
    phrase("9 digits are wanted (14 are a SIRET)"),
    ORGANIZATION,
    _siren_parts,
    luhn_faults,
    SYSTEMS,
    ("SIREN",),
)
SIRET = Kind(
    "siret",
    phrase("SIRET of an establishment"),
    re.compile(r"[0-9]{14}"),
    phrase("14 digits are wanted (9 are a SIREN)"),
    ORGANIZATION,
    _siret_parts,
    _siret_faults,
    SYSTEMS,
    ("SIRET",),
)
