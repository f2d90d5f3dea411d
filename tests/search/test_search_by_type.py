"""What a search finds, type by type (https://hl7.org/fhir/R4/search.html#ptypes)."""

from __future__ import annotations

import pytest

from tests.search.database import SearchDatabase

STRINGS = {
    "Patient?name=lef": "p1 p2",
    "Patient?name=LEFEVRE": "p1",
    "Patient?name=Lefèvre Dubois": "p1",
    "Patient?name=helene": "p1",
    "Patient?given=marie": "p1",
    "Patient?family=marie": "",
    "Patient?name=%C5%93uvrard": "",
    "Patient?name=mme lena oeuv": "p1",
    "Patient?name:contains=oeuvr": "p1",
    "Patient?family:contains=E": "p1 p2 p3 p4 p5",
    "Patient?family:exact=PETIT": "p5",
    "Patient?family:exact=petit": "",
    "Patient?family=nguyen,petit": "p3 p5",
    "Patient?name=lef&name=paul": "p2",
    "Patient?family=o neil\\, dit": "p4",
    "Patient?given=jo\\$eph": "p4",
    "Patient?address=saint etienne": "p1",
    "Patient?address-city=SAINT-ETIENNE": "p1",
    "Patient?address=4 rue de l’église": "p1",
    "Organization?name=la passerelle": "o1",
    "Questionnaire?title=reperage": "q1",
    "Observation?value-string=rien a": "v3",
    "Observation?value-string=ancien": "v2",
    "Condition?abatement-string=jamais": "k2",
}

TOKENS = {
    "Patient?gender=female": "p1 p3",
    "Patient?gender=female,other": "p1 p3 p4",
    "Patient?gender=http://hl7.org/fhir/administrative-gender|female": "p1 p3",
    "Patient?gender=http://wrong.example|female": "",
    "Patient?gender:not=female": "p2 p4 p5",
    "Patient?gender:not=female,male": "p4 p5",
    "Patient?gender:missing=true": "p5",
    "Patient?gender:missing=false": "p1 p2 p3 p4",
    "Patient?active=true": "p1 p2",
    "Patient?active=false": "p4",
    "Patient?deceased=true": "p2",
    "Patient?deceased=false": "p1 p3 p4 p5",
    "Patient?identifier=255069900000123": "p1 p3",
    "Patient?identifier=urn:oid:1.2.250.1.213.1.4.10|255069900000123": "p1",
    "Patient?identifier=http://hospital.example/ipp|255069900000123,IPP-77": "p1 p3",
    "Patient?identifier=|IPP-77": "p1",
    "Patient?identifier=|255069900000123": "",
    "Patient?identifier=urn:oid:1.2.250.1.213.1.4.10|": "p1 p2",
    "Patient?telecom=phone|%2B33 1 55 00 00 01": "p1",
    "Patient?email=helene@mail.example": "p1",
    "Patient?phone=helene@mail.example": "",
    "Patient?_tag=http://passerelle.example/tags|demo": "p1",
    "Patient?_tag=demo": "p1",
    "Observation?code=29463-7": "w1 w2 w3 w4",
    "Observation?code=http://loinc.org|29463-7": "w1 w2 w4",
    "Observation?code=|29463-7": "w3",
    "Observation?code=http://loinc.org|29463-7&code=poids": "w1",
    "Observation?code=http://loinc.org|29463-7,http://passerelle.example/codes|poids,85354-9": "w1 w2 w4 v1",
    "Observation?code:not=29463-7": "v1 v2 v3",
    "Observation?code:missing=true": "",
    "Observation?combo-code=8480-6": "v1 v3",
    "Observation?value-concept=http://snomed.info/sct|8517006": "v2",
    "CarePlan?category:missing=true": "c3",
    "CarePlan?category:missing=false": "c1 c2",
    "Encounter?class=IMP": "e1 e2",
}

REFERENCES = {
    "CarePlan?subject=Patient/p1": "c1",
    "CarePlan?patient=p1": "c1",
    "CarePlan?patient=Patient/p1,Patient/p2": "c1 c2",
    "CarePlan?subject=http://me.example/fhir/Patient/p3": "c3",
    "CarePlan?subject=Patient/p3": "c3",
    "CarePlan?instantiates-canonical=http://me.example/fhir/PlanDefinition/own": "c3",
    "CarePlan?subject=http://other.example/fhir/Patient/p1": "",
    "CarePlan?subject:Patient=p1": "c1",
    "CarePlan?subject:Group=p1": "",
    "CarePlan?subject:Group=Patient/p1": "",
    "CarePlan?subject=Group/p1": "",
    "CarePlan?care-team=CareTeam/t1": "c1 c2",
    "CarePlan?replaces=CarePlan/c1": "c2",
    "CarePlan?replaces=CarePlan/c1/_history/2": "c2",
    "CarePlan?replaces=CarePlan/c1/_history/3": "",
    "CarePlan?instantiates-canonical=http://passerelle.example/fhir/PlanDefinition/shared-plan": "c1 c3",
    "CarePlan?instantiates-canonical=http://passerelle.example/fhir/PlanDefinition/shared-plan|1.2": "c1",
    "CarePlan?instantiates-canonical=http://passerelle.example/fhir/PlanDefinition/shared-plan|1": "",
    "Patient?general-practitioner=http://elsewhere.example/fhir/Practitioner/d9": "p1",
    "Patient?general-practitioner=Practitioner/d9": "",
    "Patient?general-practitioner=in": "",
    "Patient?general-practitioner:missing=true": "p4",
    "Patient?general-practitioner:missing=false": "p1 p2 p3 p5",
    "Observation?patient=x": "",
    "Observation?subject=Group/x": "v3",
    "QuestionnaireResponse?questionnaire=http://passerelle.example/fhir/Questionnaire/screening": "qr1 qr2",
    "QuestionnaireResponse?questionnaire=http://passerelle.example/fhir/Questionnaire/screening|1.0": "qr1",
    "QuestionnaireResponse?patient=urn:uuid:7e1b0b0e-0000-4000-8000-000000000001": "qr2",
}

URIS = {
    "Questionnaire?url=http://passerelle.example/fhir/Questionnaire/screening": "q1",
    "Questionnaire?url=http://passerelle.example/fhir/Questionnaire": "",
    "Patient?_profile=http://passerelle.example/fhir/StructureDefinition/ins-patient": "p1",
    "Patient?_profile:missing=true": "p2 p3 p4 p5",
    "Patient?_source=urn:passerelle:hl7v2": "p1",
}

NUMBERS = {
    "RiskAssessment?probability=0.2": "r1",
    "RiskAssessment?probability=0.20": "r1",
    "RiskAssessment?probability=5.4": "r1",
    "RiskAssessment?probability=5": "r1",
    "RiskAssessment?probability=5.0": "",
    "RiskAssessment?probability=100": "r2",
    "RiskAssessment?probability=1e2": "r2 r3",
    "RiskAssessment?probability=100.00": "r2",
    "RiskAssessment?probability=ne100": "r1 r3",
    "RiskAssessment?probability=gt100": "r3",
    "RiskAssessment?probability=ge100": "r2 r3",
    "RiskAssessment?probability=lt100": "r1 r3",
    "RiskAssessment?probability=le100": "r1 r2 r3",
    "RiskAssessment?probability=sa99.5": "r2 r3",
    "RiskAssessment?probability=eb100": "r1",
    "RiskAssessment?probability=ap91": "r2 r3",
    "RiskAssessment?probability=ap5": "r1",
    "RiskAssessment?probability=0.2,100": "r1 r2",
    "RiskAssessment?probability=-1": "",
}

QUANTITIES = {
    "Observation?value-quantity=72.5": "w1",
    "Observation?value-quantity=72.5|http://unitsofmeasure.org|kg": "w1",
    "Observation?value-quantity=72.5||kg": "w1",
    "Observation?value-quantity=72.5||g": "",
    "Observation?value-quantity=73": "w1",
    "Observation?value-quantity=72.50": "w1",
    "Observation?value-quantity=72.6": "",
    "Observation?value-quantity=100": "w2 w3",
    "Observation?value-quantity=100|http://unitsofmeasure.org|kg": "w2",
    "Observation?value-quantity=100||KILOGRAMME": "w2",
    "Observation?value-quantity=99.5||kg": "w3",
    "Observation?value-quantity=gt72.5": "w2 w3",
    "Observation?value-quantity=ge72.5||kg": "w1 w2 w3",
    "Observation?value-quantity=lt60||kg": "w4",
    "Observation?value-quantity=eb72.5||kg": "w4",
    "Observation?component-value-quantity=gt130|http://unitsofmeasure.org|mm[Hg]": "v1",
    "Observation?component-value-quantity=lt80": "",
    "Condition?onset-age=61||a": "k1",
    "Condition?onset-age=ge75||a": "k2",
    "Encounter?length=7|http://unitsofmeasure.org|d": "e1",
    "Invoice?totalgross=23|urn:iso:std:iso:4217|EUR": "i1",
    "Invoice?totalgross=23||eur": "i1",
}


CASES = STRINGS | TOKENS | REFERENCES | URIS | NUMBERS | QUANTITIES


@pytest.mark.parametrize(("search", "expected"), CASES.items())
def test_a_search_finds_just_these(database: SearchDatabase, search: str, expected: str) -> None:
    assert not database.query(search).not_understood
    assert database.ids(search) == expected.split()
    assert database.count(search) == len(expected.split())
