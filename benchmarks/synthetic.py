"""Synthetic resources, Bundles and messages of a realistic size, from a seeded `random.Random`: the same seed gives the same data.

Nobody is meant: names are drawn from short lists, identifiers are of the INS test range (urn:oid:1.2.250.1.213.1.4.10).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

Resource = dict[str, Any]

FAMILIES = ("Vaillant", "Mercier", "Delorme", "Carpentier", "Rousselin", "Bonnefoy", "Castaing", "Lemaître", "Peyre", "Guézennec")
GIVEN = ("Agathe", "Bastien", "Clémence", "Désiré", "Élodie", "Firmin", "Geneviève", "Honoré", "Inès", "Joachim")
STREETS = ("rue des Tilleuls", "avenue de la Gare", "chemin du Moulin", "place de l'Église", "boulevard de la Mer")
CITIES = (("Brest", "29200"), ("Nîmes", "30000"), ("Lille", "59000"), ("Pau", "64000"), ("Colmar", "68000"), ("Niort", "79000"))
VITALS = (  # LOINC code, name, unit, UCUM unit, low, high
    ("8867-4", "Heart rate", "beats/minute", "/min", 50, 120),
    ("9279-1", "Respiratory rate", "breaths/minute", "/min", 10, 30),
    ("8310-5", "Body temperature", "°C", "Cel", 36, 40),
    ("29463-7", "Body weight", "kg", "kg", 45, 110),
    ("8302-2", "Body height", "cm", "cm", 150, 195),
    ("2708-6", "Oxygen saturation in Arterial blood", "%", "%", 85, 100),
)
PROBLEMS = (  # SNOMED CT code, name
    ("38341003", "Hypertensive disorder"),
    ("44054006", "Diabetes mellitus type 2"),
    ("13645005", "Chronic obstructive lung disease"),
    ("84114007", "Heart failure"),
    ("26929004", "Alzheimer's disease"),
)
OBSERVATION_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
START = datetime(2024, 1, 1)


def patient(random: Random, number: int) -> Resource:
    """A Patient of about 2 KB; `number` makes its identifiers unique."""
    family, given = random.choice(FAMILIES), random.sample(GIVEN, 3)
    return {
        "resourceType": "Patient",
        "identifier": [_identifier("urn:oid:1.2.250.1.213.1.4.10", f"{random.randint(1, 2)}{number:014d}", "official", "INS-NIR")]
        + [_identifier(f"urn:oid:1.2.250.1.999.{n}", f"IPP{number:09d}", "usual", f"Hospital {n}") for n in (1,)],
        "active": True,
        "name": [
            {"use": "official", "text": f"{' '.join(given)} {family}", "family": family, "given": given, "prefix": ["M."]},
        ],
        "telecom": [
            {"system": "phone", "value": f"+33 1 99 00 {number % 100:02d} {random.randint(10, 99)}", "use": "home"},
            {"system": "phone", "value": f"+33 6 39 98 {number % 100:02d} {random.randint(10, 99)}", "use": "mobile"},
            {"system": "email", "value": f"person{number}@example.org", "use": "home"},
        ],
        "gender": random.choice(("female", "male")),
        "birthDate": f"{random.randint(1925, 2020)}-{random.randint(1, 12):02d}-{random.randint(1, 28):02d}",
        "address": [_address(random, "home")],
        "maritalStatus": _coded("http://terminology.hl7.org/CodeSystem/v3-MaritalStatus", "M", "Married"),
        "contact": [_contact(random, family) for _ in range(2)],
        "communication": [{"language": _coded("urn:ietf:bcp:47", "fr-FR", "French (France)"), "preferred": True}],
        "generalPractitioner": [{"display": f"Dr {random.choice(GIVEN)} {random.choice(FAMILIES)}, Maison de santé"}],
        "managingOrganization": {"display": "Dispositif d'appui à la coordination"},
    }


def transaction(random: Random, number: int, entries: int = 200) -> Resource:
    """A transaction Bundle: a Patient, and 1 Encounter, 1 Condition and 8 Observations in turn that refer to it by urn:uuid."""
    subject = _entry(random, patient(random, number))
    all_entries = [subject]
    encounter = ""
    for position in range(entries - 1):
        kind = position % 10
        when = START + timedelta(hours=position + number % 8000)
        if kind == 0:
            entry = _entry(random, _encounter(subject["fullUrl"], when, f"{number}-{position}"))
            encounter = entry["fullUrl"]
        elif kind == 1:
            entry = _entry(random, _condition(random, subject["fullUrl"], encounter, when))
        else:
            entry = _entry(random, _observation(random, subject["fullUrl"], encounter, when))
        all_entries.append(entry)
    return {"resourceType": "Bundle", "type": "transaction", "entry": all_entries}


def admission(random: Random, number: int, sender: int, run: str) -> bytes:
    """An ADT^A01 of IHE PAM France in original mode (no MSH-15), segments ending in CR; another person and stay for each number."""
    when = (START + timedelta(minutes=number)).strftime("%Y%m%d%H%M%S")
    family, given = random.choice(FAMILIES).upper(), random.choice(GIVEN).upper()
    key = f"{run}{number:07d}"
    lines = (
        f"MSH|^~\\&|BENCH{sender}|CHU-BENCH{sender}|PASSERELLE|DAC|{when}||ADT^A01^ADT_A01|{key}|P|2.5^FRA^2.11|||||FRA|8859/15",
        f"EVN||{when}||||{when}",
        f"PID|||{key}^^^CHU-BENCH{sender}&1.2.250.1.999.{sender}&ISO^PI||{family}^{given}^^^^^L||19{number % 60 + 30}0{number % 9 + 1}15|"
        "F|||12 RUE DES TILLEULS^^BREST^^29200^FRA^H||^PRN^PH^^^^^^^^^0199000000|||||||||||||||||VALI",
        f"PV1||I|CARDIO^101^1^CHU-BENCH{sender}||||||||||||||||{key}^^^CHU-BENCH{sender}&1.2.250.1.999.{sender}&ISO^VN|||||||||||||||||||||||||{when}",
        f"ZBE|{key}^CHU-BENCH{sender}^1.2.250.1.999.{sender}^ISO|{when}||INSERT|N||^^^^^^UF^^^0101|||HMS",
    )
    return "".join(line + "\r" for line in lines).encode("iso8859-15")


def _entry(random: Random, resource: Resource) -> Resource:
    url = f"urn:uuid:{UUID(int=random.getrandbits(128), version=4)}"
    return {"fullUrl": url, "resource": resource, "request": {"method": "POST", "url": resource["resourceType"]}}


def _encounter(subject: str, when: datetime, number: str) -> Resource:
    return {
        "resourceType": "Encounter",
        "identifier": [_identifier("urn:oid:1.2.250.1.999.9", number, "official", "Hospital 9")],
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB", "display": "ambulatory"},
        "type": [_coded("http://snomed.info/sct", "185349003", "Encounter for check up")],
        "subject": {"reference": subject, "display": "the person of this Bundle"},
        "participant": [{"individual": {"display": "Dr Firmin Castaing"}, "period": _period(when)}],
        "period": _period(when),
        "reasonCode": [_coded("http://snomed.info/sct", "390906007", "Follow-up encounter")],
        "serviceProvider": {"display": "Centre hospitalier de démonstration"},
    }


def _condition(random: Random, subject: str, encounter: str, when: datetime) -> Resource:
    code, name = random.choice(PROBLEMS)
    return {
        "resourceType": "Condition",
        "clinicalStatus": _coded("http://terminology.hl7.org/CodeSystem/condition-clinical", "active", "Active"),
        "verificationStatus": _coded("http://terminology.hl7.org/CodeSystem/condition-ver-status", "confirmed", "Confirmed"),
        "category": [_coded("http://terminology.hl7.org/CodeSystem/condition-category", "problem-list-item", "Problem List Item")],
        "code": _coded("http://snomed.info/sct", code, name),
        "subject": {"reference": subject},
        "encounter": {"reference": encounter},
        "onsetDateTime": _instant(when),
        "recordedDate": _instant(when),
        "note": [{"text": f"{name}: seen at the regular visit, treatment unchanged, next visit in {random.randint(1, 12)} months."}],
    }


def _observation(random: Random, subject: str, encounter: str, when: datetime) -> Resource:
    code, name, unit, ucum, low, high = random.choice(VITALS)
    return {
        "resourceType": "Observation",
        "status": "final",
        "category": [_coded(OBSERVATION_CATEGORY, "vital-signs", "Vital Signs")],
        "code": _coded("http://loinc.org", code, name),
        "subject": {"reference": subject},
        "encounter": {"reference": encounter},
        "effectiveDateTime": _instant(when),
        "issued": _instant(when),
        "performer": [{"display": "Service de cardiologie, infirmière de coordination"}],
        "valueQuantity": _quantity(round(random.uniform(low, high), 1), unit, ucum),
        "referenceRange": [{"low": _quantity(low, unit, ucum), "high": _quantity(high, unit, ucum), "text": f"{low} to {high} {unit}"}],
        "note": [{"text": f"{name} measured at rest, second reading after {random.randint(2, 10)} minutes agrees with the first."}],
    }


def _identifier(system: str, value: str, use: str, assigner: str) -> Resource:
    kind = _coded("http://terminology.hl7.org/CodeSystem/v2-0203", "PI", "Patient internal identifier")
    return {"use": use, "type": kind, "system": system, "value": value, "assigner": {"display": assigner}}


def _coded(system: str, code: str, display: str) -> Resource:
    return {"coding": [{"system": system, "code": code, "display": display}], "text": display}


def _quantity(value: float, unit: str, ucum: str) -> Resource:
    return {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": ucum}


def _address(random: Random, use: str) -> Resource:
    city, code = random.choice(CITIES)
    lines = [f"{random.randint(1, 99)} {random.choice(STREETS)}", f"Bâtiment {random.choice('ABCDEF')}"]
    return {"use": use, "type": "both", "line": lines, "city": city, "postalCode": code, "country": "FRA"}


def _contact(random: Random, family: str) -> Resource:
    return {
        "relationship": [_coded("http://terminology.hl7.org/CodeSystem/v2-0131", "N", "Next-of-Kin")],
        "name": {"family": family, "given": [random.choice(GIVEN)]},
        "telecom": [{"system": "phone", "value": f"+33 1 99 00 {random.randint(10, 99)} {random.randint(10, 99)}"}],
    }


def _period(when: datetime) -> Resource:
    return {"start": _instant(when), "end": _instant(when + timedelta(minutes=30))}


def _instant(when: datetime) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%S}+01:00"
