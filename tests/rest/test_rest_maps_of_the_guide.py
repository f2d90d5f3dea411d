"""$translate with the maps that every server has (docs/terminologies.md), with no network and nothing stored."""

from __future__ import annotations

from typing import Any

import pytest

OWN = "https://passerelle.care/fhir/"
NOS = "https://mos.esante.gouv.fr/NOS/"
SNOMED = "http://snomed.info/sct"
TA_ASIP = "urn:oid:1.2.250.1.213.1.1.4.322"
PMSI = f"{OWN}CodeSystem/pmsi-discharge"
DESTINATION = f"{OWN}CodeSystem/discharge-destination"
ROLE = f"{NOS}TRE_R85-RolePriseCharge/FHIR/TRE-R85-RolePriseCharge"
SERAFIN = "https://smt.esante.gouv.fr/terminologie-SERAFINPH"
ESTABLISHMENT = f"{NOS}TRE_R66-CategorieEtablissement/FHIR/TRE-R66-CategorieEtablissement"

MATCHES = [
    ("pmsi-discharge", PMSI, "8.", DESTINATION, ["home"]),
    ("pmsi-discharge", PMSI, "8.D", DESTINATION, ["home"]),
    ("pmsi-discharge", PMSI, "8.6", DESTINATION, ["home-hospitalisation"]),
    ("pmsi-discharge", PMSI, "7.6", DESTINATION, ["home-hospitalisation"]),
    ("pmsi-discharge", PMSI, "8.7", DESTINATION, ["medico-social"]),
    ("pmsi-discharge", PMSI, "6.2", DESTINATION, ["rehabilitation"]),
    ("pmsi-discharge", PMSI, "9.", DESTINATION, ["death"]),
    ("discharge-circumstances-destination", f"{OWN}CodeSystem/hl7v2-fr-0112", "4", DESTINATION, ["against-advice"]),
    ("discharge-circumstances-destination", f"{OWN}CodeSystem/hl7v2-fr-0112", "3", DESTINATION, []),
    ("discharge-modality", SNOMED, "160849004", DESTINATION, ["home"]),
    ("discharge-modality", ESTABLISHMENT, "500", DESTINATION, ["medico-social"]),
    ("discharge-modality", TA_ASIP, "GEN-092.06.03", DESTINATION, ["other"]),
    ("identity-trust-status", f"{OWN}CodeSystem/hl7v2-fr-0445", "VALI", None, ["VALI", "QUAL"]),
    ("identity-trust-status", f"{OWN}CodeSystem/hl7v2-fr-0445", "FICT", None, ["PROV", "FICT"]),
    ("paerpa-plan-status", TA_ASIP, "GEN-068", None, ["active"]),
    ("paerpa-plan-status", SNOMED, "29179001", "http://hl7.org/fhir/request-status", ["completed"]),
    ("paerpa-plan-status", SNOMED, "9571008", TA_ASIP, ["GEN-068"]),
    ("paerpa-problem-to-inclusion-reason", TA_ASIP, "MED-063", None, ["mood-disorder"]),
    ("inclusion-reason-to-paerpa-problem", f"{OWN}CodeSystem/inclusion-reason", "living-alone", None, ["MED-058"]),
    ("serafin-need-to-inclusion-reason", SERAFIN, "1.3.5.1", None, ["economic-difficulty"]),
    ("inclusion-reason-to-serafin-need", f"{OWN}CodeSystem/inclusion-reason", "cognitive-disorder", None, ["1.1.1"]),
    ("care-role-to-hl7-role", ROLE, "330", None, ["AGNT"]),
]


def matched(answer: Any) -> list[str]:
    """The codes of the matches that are translations."""
    found = [
        {part["name"]: part.get("valueCode") or part.get("valueCoding", {}).get("code") for part in one["part"]}
        for one in answer.json()["parameter"]
        if one["name"] == "match"
    ]
    return [one["concept"] for one in found if one["equivalence"] not in ("unmatched", "disjoint")]


@pytest.mark.parametrize(("name", "system", "code", "target", "expected"), MATCHES, ids=[f"{one[0]}-{one[2]}" for one in MATCHES])
def test_a_code_is_translated(client: Any, name: str, system: str, code: str, target: str | None, expected: list[str]) -> None:
    asked = f"/ConceptMap/$translate?url={OWN}ConceptMap/{name}&system={system}&code={code}"
    answer = client.get(asked + (f"&targetsystem={target}" if target else ""))
    assert answer.status_code == 200
    assert matched(answer) == expected
    assert answer.json()["parameter"][0] == {"name": "result", "valueBoolean": bool(expected)}
