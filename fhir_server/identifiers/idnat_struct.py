"""The national identifier of a structure (IdNat_Struct): a prefix, and the number that the prefix tells of; without one of these
prefixes it is a technical number, of which nothing is known.

https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-organization;
ANS's logical model StructIdNat (github.com/ansforge/IG-FHIR-PDSM4DMP-EEDS).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fhir_server.identifiers.adeli import ADELI_RANG, ORGANIZATION
from fhir_server.identifiers.fault import Fault
from fhir_server.identifiers.finess import FINESS
from fhir_server.identifiers.kind import Kind
from fhir_server.identifiers.prefixed import Behind, prefixed_parts
from fhir_server.identifiers.sirene import SIREN, SIRET
from fhir_server.model.phrase import phrase

PREFIXES = {
    "0": Behind(ADELI_RANG.label, ADELI_RANG),
    "1": Behind(FINESS.label, FINESS),
    "2": Behind(SIREN.label, SIREN),
    "3": Behind(SIRET.label, SIRET),
    "4": Behind(phrase("RPPS of a practice, with its rank"), None),
}


def _faults(value: str) -> Iterator[Fault]:
    behind = PREFIXES.get(value[0])
    return behind.faults(value[1:]) if behind else iter(())


IDNAT_STRUCT = Kind(
    "idnat-struct",
    phrase("IdNat_Struct of a structure"),
    re.compile(r"[0-9A-Z]\S+"),
    phrase("a prefix and the number that it tells of are wanted"),
    ORGANIZATION,
    prefixed_parts(PREFIXES),
    _faults,
    ("urn:oid:1.2.250.1.71.4.2.2",),
    ("IDNST",),
    guess=re.compile(r"[0-3]\S+|4[0-9]{14}"),
)
