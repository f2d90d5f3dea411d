"""ADELI numbers of professionals, which RPPS numbers take the place of, and of their practices: nine characters, the department
first; behind those of a practice two of its rank (https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-organization).

They have no check that any source at hand tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fhir_server.identifiers.birth_place import departments
from fhir_server.identifiers.kind import Kind
from fhir_server.identifiers.part import Part
from fhir_server.identifiers.rpps import PRACTITIONER
from fhir_server.model.phrase import phrase

ORGANIZATION = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-organization"
_ADELI = r"(?:[0-9]{2}|2[AB])[0-9]{7}"


def _parts(value: str) -> Iterator[Part]:
    yield Part(phrase("department"), value[:2], departments().get(value[:2], ""))
    yield Part(phrase("number"), value[2:9])
    if value[9:]:
        yield Part(phrase("rank"), value[9:])


ADELI = Kind(
    "adeli",
    phrase("ADELI of a professional"),
    re.compile(_ADELI),
    phrase("9 characters are wanted, the department first"),
    PRACTITIONER,
    _parts,
    types=("ADELI",),
)
ADELI_RANG = Kind(
    "adeli-rang",
    phrase("ADELI of a practice, with its rank"),
    re.compile(_ADELI + r"[0-9]{2}"),
    phrase("an ADELI number and 2 digits are wanted"),
    ORGANIZATION,
    _parts,
    systems=("https://adelirang.esante.gouv.fr", "http://adelirang.esante.gouv.fr"),
)
