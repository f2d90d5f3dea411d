"""The national identifier of a professional (IdNat_PS): a prefix, and the number that the prefix tells of.

Prefixes: terminology TRE_G08 and ANS's logical model PSIdNat (github.com/ansforge/IG-FHIR-PDSM4DMP-EEDS). FR Core wants it treated as
opaque; it is looked into here only to find what was mistyped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fhir_server.identifiers.adeli import ADELI
from fhir_server.identifiers.fault import Fault
from fhir_server.identifiers.finess import FINESS
from fhir_server.identifiers.kind import Kind
from fhir_server.identifiers.prefixed import Behind, prefixed_parts
from fhir_server.identifiers.rpps import PRACTITIONER, RPPS
from fhir_server.identifiers.sirene import SIREN, SIRET
from fhir_server.model.phrase import alternatives, phrase

PREFIXES = {
    "0": Behind(ADELI.label, ADELI),
    "1": Behind(phrase("practice by ADELI, and its own number"), None, internal=True),
    "3": Behind(phrase("FINESS, and its own number"), FINESS, internal=True),
    "4": Behind(phrase("SIREN, and its own number"), SIREN, internal=True),
    "5": Behind(phrase("SIRET, and its own number"), SIRET, internal=True),
    "6": Behind(phrase("practice by RPPS, and its own number"), None, internal=True),
    "8": Behind(RPPS.label, RPPS),
}


def _faults(value: str) -> Iterator[Fault]:
    behind = PREFIXES.get(value[0])
    if behind is None:
        sentence = phrase("The prefix {found} is not known; it is {known}.", found=value[0], known=alternatives(PREFIXES))
        yield Fault("identifier-part", sentence)
    else:
        yield from behind.faults(value[1:])


IDNAT_PS = Kind(
    "idnat-ps",
    phrase("IdNat_PS of a professional"),
    re.compile(r"[0-9]\S+"),
    phrase("a prefix and the number that it tells of are wanted"),
    PRACTITIONER,
    prefixed_parts(PREFIXES),
    _faults,
    ("urn:oid:1.2.250.1.71.4.2.1",),
    ("IDNPS",),
    guess=re.compile(r"[0134568]\S+"),
)
