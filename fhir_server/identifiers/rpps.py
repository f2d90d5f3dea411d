"""The number of a professional in the shared directory (RPPS): 11 digits, the last by Luhn.

https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-practitioner
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fhir_server.identifiers.kind import Kind
from fhir_server.identifiers.luhn import luhn_faults
from fhir_server.identifiers.part import Part
from fhir_server.model.phrase import phrase

PRACTITIONER = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-practitioner"


def _parts(value: str) -> Iterator[Part]:
    yield Part(phrase("number"), value[:10])
    yield Part(phrase("key"), value[10:])


RPPS = Kind(
    "rpps",
    phrase("RPPS of a professional"),
    re.compile(r"[0-9]{11}"),
    phrase("11 digits are wanted"),
    PRACTITIONER,
    _parts,
    luhn_faults,
    ("https://rpps.esante.gouv.fr", "http://rpps.esante.gouv.fr"),
    ("RPPS",),
)
