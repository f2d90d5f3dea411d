"""The number of an establishment in the national directory (FINESS): nine characters, the department first, the last digit by Luhn.

EJ is the legal entity, EG a place where it works; the two look alike (https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-organization).
No text at hand says how the letters of Corsica count. That A is 1 and B is 2 was found on the 19 Corsican numbers of
https://attrap.fr (acts of the two prefectures, 2024 and 2025) and of the order AFSH1506177A of 4 March 2015, where all agree with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fhir_server.identifiers.adeli import ORGANIZATION
from fhir_server.identifiers.birth_place import departments
from fhir_server.identifiers.fault import Fault
from fhir_server.identifiers.kind import Kind
from fhir_server.identifiers.luhn import luhn_faults
from fhir_server.identifiers.part import Part
from fhir_server.model.phrase import Phrase, phrase

_LETTERS = str.maketrans("AB", "12")
_OVERSEAS = ("97", "98")


def _parts(value: str) -> Iterator[Part]:
    length = 3 if value[:2] in _OVERSEAS and value[:3] in departments() else 2
    yield Part(phrase("department"), value[:length], departments().get(value[:length], ""))
    yield Part(phrase("number"), value[length:8])
    yield Part(phrase("key"), value[8:])


def _faults(value: str) -> Iterator[Fault]:
    return luhn_faults(value, value.translate(_LETTERS))


def _kind(code: str, label: Phrase, *types: str) -> Kind:
    form, look = re.compile(r"(?:[0-9]{2}|2[AB])[0-9]{7}"), phrase("9 characters are wanted, the department first")
    systems = ("https://finess.esante.gouv.fr", "http://finess.esante.gouv.fr")
    return Kind(code, label, form, look, ORGANIZATION, _parts, _faults, systems, types)


FINESS = _kind("finess", phrase("FINESS of an establishment"))
FINESS_EJ = _kind("finess-ej", phrase("FINESS EJ of a legal entity"), "FINEJ")
FINESS_EG = _kind("finess-eg", phrase("FINESS EG of a place"), "FINEG")
