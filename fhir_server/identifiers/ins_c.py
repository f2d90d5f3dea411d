"""The calculated INS that the INS took the place of: 20 digits and a key of 2 (general knowledge), seen in old records only.

How its key is made is not told by any source at hand, so that only the form is checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fhir_server.identifiers.kind import Kind
from fhir_server.identifiers.part import Part
from fhir_server.model.phrase import phrase


def _parts(value: str) -> Iterator[Part]:
    yield Part(phrase("number"), value[:20], phrase("no longer given to anybody"))
    yield Part(phrase("key"), value[20:])


INS_C = Kind(
    "ins-c",
    phrase("INS-C, the former calculated health identity"),
    re.compile(r"[0-9]{22}"),
    phrase("20 digits and a key of 2 are wanted"),
    "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient",
    _parts,
    systems=("urn:oid:1.2.250.1.213.1.4.2",),
    types=("INS-C",),
)
