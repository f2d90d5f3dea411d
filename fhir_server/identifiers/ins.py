"""The national health identity (INS) as a matricule: a NIR or, while waiting for it, an NIA, each under the OID of its kind.

https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient-ins; the test and demonstration OIDs are for persons who do not exist.
"""

from __future__ import annotations

from fhir_server.identifiers.kind import Kind
from fhir_server.identifiers.nir import NIR, nia_faults, nir_faults, nir_parts
from fhir_server.model.phrase import Phrase, phrase

SOURCE = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient-ins"
ROOT = "urn:oid:1.2.250.1.213.1.4."
LOOK = phrase("13 characters and a key of 2 digits are wanted, 2A and 2B with their letters")


def _by_nir(code: str, label: Phrase, arc: str, type_code: str) -> Kind:
    return Kind(code, label, NIR, LOOK, SOURCE, nir_parts, nir_faults, (ROOT + arc,), (type_code,))


INS_NIR = _by_nir("ins-nir", phrase("INS-NIR, the health identity by the NIR"), "8", "INS-NIR")
INS_NIR_TEST = _by_nir("ins-nir-test", phrase("INS-NIR for tests"), "10", "INS-NIR-TEST")
INS_NIR_DEMO = _by_nir("ins-nir-demo", phrase("INS-NIR for demonstrations"), "11", "INS-NIR-DEMO")
INS_NIA = Kind(
    "ins-nia",
    phrase("INS-NIA, the health identity while waiting for a NIR"),
    NIR,
    LOOK,
    SOURCE,
    nir_parts,
    nia_faults,
    (ROOT + "9",),
    ("INS-NIA",),
)
