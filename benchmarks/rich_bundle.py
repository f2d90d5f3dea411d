"""A collection Bundle of 100 rich entries, some 2 KB each: a person, stays, panels of measures, problems and prescriptions that refer to
each other by urn:uuid. From a seeded `random.Random`; nobody is meant (see `synthetic.py`).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from benchmarks.synthetic import PROBLEMS, START, VITALS, patient

Resource = dict[str, Any]

ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
PROBLEM_CATEGORY = "http://terminology.hl7.org/CodeSystem/condition-category"
PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
OURS = "https://example.org/fhir/CodeSystem/"
DRUGS = ("Paracétamol 500 mg", "Ramipril 5 mg", "Metformine 850 mg", "Bisoprolol 2,5 mg", "Furosémide 40 mg")


def rich_bundle(seed: int = 1, entries: int = 100) -> Resource:
    """One Patient first; then Encounter, Condition, MedicationRequest and three panels in turn, each of the stay before it."""
    random = Random(seed)
    person = {**patient(random, seed), "text": _narrative("the person", 3)}
    listed = [_entry(random, person)]
    subject = stay = str(listed[0]["fullUrl"])
    for number in range(entries - 1):
        when = START + timedelta(hours=number)
        if number % 6 == 0:
            listed.append(_entry(random, _encounter(subject, when, number)))
            stay = str(listed[-1]["fullUrl"])
        else:
            listed.append(_entry(random, _KINDS[number % 6 - 1](random, subject, stay, when)))
    return {"resourceType": "Bundle", "type": "collection", "timestamp": _instant(START), "entry": listed}


def _entry(random: Random, resource: Resource) -> Resource:
    return {"fullUrl": f"urn:uuid:{UUID(int=random.getrandbits(128), version=4)}", "resource": resource}


def _encounter(subject: str, when: datetime, number: int) -> Resource:
    hours = [when + timedelta(hours=hour) for hour in range(4)]
    steps = zip(("arrived", "triaged", "in-progress"), hours, hours[1:], strict=False)
    return {
        "resourceType": "Encounter", "text": _narrative(f"the stay {number}", 4),
        "identifier": [_identifier(f"stay-{number}-{kind}") for kind in ("ward", "bill")], "status": "finished",
        "statusHistory": [{"status": status, "period": _period(start, end)} for status, start, end in steps],
        "class": {"system": ACT, "code": "AMB", "display": "ambulatory"},
        "type": [_own("stay-kind", "check-up", "Regular visit"), _own("stay-kind", "dressing", "Change of a dressing")],
        "priority": _own("priority", "planned", "Planned beforehand"), "subject": {"reference": subject, "display": "the person"},
        "participant": [_participant(code, hours[0], hours[3]) for code in ("ATND", "REF")], "period": _period(hours[0], hours[3]),
        "reasonCode": [_coded("http://snomed.info/sct", code, name) for code, name in PROBLEMS[:2]],
        "location": [{"location": {"display": "Room 12, second floor"}, "status": "completed", "period": _period(hours[0], hours[3])}],
        "serviceProvider": {"display": "Centre hospitalier de démonstration"},
    }  # fmt: skip


def _participant(code: str, start: datetime, end: datetime) -> Resource:
    kind = {"coding": [{"system": PARTICIPATION, "code": code}]}
    return {"type": [kind], "individual": {"display": "Dr Firmin Castaing"}, "period": _period(start, end)}


def _condition(random: Random, subject: str, stay: str, when: datetime) -> Resource:
    code, name = random.choice(PROBLEMS)
    return {
        "resourceType": "Condition", "text": _narrative(name, 4), "identifier": [_identifier(f"problem-{random.randint(1, 999)}")],
        "clinicalStatus": _coded(CLINICAL, "active", "Active"), "verificationStatus": _coded(VERIFICATION, "confirmed", "Confirmed"),
        "category": [_coded(PROBLEM_CATEGORY, "problem-list-item", "Problem List Item")],
        "severity": _own("severity", "moderate", "Of moderate weight"), "code": _coded("http://snomed.info/sct", code, name),
        "bodySite": [_own("site", "left-leg", "Left lower leg")], "subject": {"reference": subject}, "encounter": {"reference": stay},
        "onsetPeriod": {"start": _instant(when)}, "recordedDate": _instant(when), "asserter": {"reference": subject},
        "stage": [{"summary": _own("stage", "2", "Second stage"), "type": _own("stage-kind", "clinical", "By what one sees")}],
        "evidence": [{"code": [_own("sign", sign, f"Sign: {sign}")]} for sign in ("pain", "oedema", "dyspnoea")],
        "note": [{"authorReference": {"reference": subject}, "time": _instant(when), "text": f"{name}: treatment unchanged."}],
    }  # fmt: skip


def _prescription(random: Random, subject: str, stay: str, when: datetime) -> Resource:
    drug = random.choice(DRUGS)
    return {
        "resourceType": "MedicationRequest", "text": _narrative(drug, 3), "identifier": [_identifier(f"order-{random.randint(1, 999)}")],
        "status": "active", "intent": "order", "category": [_own("order-kind", "community", "To be taken at home")],
        "medicationCodeableConcept": _own("drug", str(DRUGS.index(drug)), drug), "subject": {"reference": subject},
        "encounter": {"reference": stay}, "authoredOn": _instant(when), "requester": {"display": "Dr Agathe Peyre"},
        "reasonCode": [_coded("http://snomed.info/sct", *random.choice(PROBLEMS))],
        "dosageInstruction": [_dosage(sequence, random.randint(1, 3)) for sequence in (1, 2)],
        "dispenseRequest": {
            "validityPeriod": _period(when, when + timedelta(days=90)), "numberOfRepeatsAllowed": 2, "quantity": {"value": 90},
            "expectedSupplyDuration": {"value": 30, "unit": "days", "system": "http://unitsofmeasure.org", "code": "d"},
        },
        "substitution": {"allowedBoolean": True, "reason": _own("substitution", "generic", "A generic drug may be given")},
    }  # fmt: skip


def _dosage(sequence: int, often: int) -> Resource:
    repeat = {"frequency": often, "period": 1, "periodUnit": "d", "boundsPeriod": _period(START, START + timedelta(days=30))}
    return {
        "sequence": sequence, "text": f"{often} a day", "timing": {"repeat": repeat}, "asNeededBoolean": False,
        "route": _own("route", "oral", "By mouth"), "doseAndRate": [{"doseQuantity": {"value": often, "unit": "tablet"}}],
    }  # fmt: skip


def _panel(random: Random, subject: str, stay: str, when: datetime) -> Resource:
    return {
        "resourceType": "Observation", "text": _narrative("a panel of measures", 2), "status": "final",
        "category": [_own("measure-kind", "panel", "Measured at the visit")], "code": _own("panel", "visit", "Measures of a visit"),
        "subject": {"reference": subject}, "encounter": {"reference": stay}, "effectiveDateTime": _instant(when),
        "issued": _instant(when), "performer": [{"reference": subject}, {"display": "Infirmière de coordination"}],
        "component": [_component(random, *vital) for vital in random.sample(VITALS, 3)],
        "note": [{"text": f"Measured at rest, second reading after {random.randint(2, 10)} minutes agrees with the first."}],
    }  # fmt: skip


def _component(random: Random, code: str, name: str, unit: str, ucum: str, low: float, high: float) -> Resource:
    return {
        "code": _coded("http://loinc.org", code, name), "valueQuantity": _quantity(round(random.uniform(low, high), 1), unit, ucum),
        "referenceRange": [{"low": _quantity(low, unit, ucum), "high": _quantity(high, unit, ucum), "text": f"{low} to {high} {unit}"}],
    }  # fmt: skip


_KINDS = (_condition, _prescription, _panel, _panel, _panel)


def _narrative(title: str, rows: int) -> Resource:
    cells = "".join(f"<tr><td><b>Part {row}</b></td><td>seen at the visit</td></tr>" for row in range(rows))
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><p>About {title}</p><table>{cells}</table></div>'}


def _identifier(value: str) -> Resource:
    return {"use": "official", "system": "https://example.org/fhir/numbers", "value": value, "assigner": {"display": "Hospital 9"}}


def _coded(system: str, code: str, display: str) -> Resource:
    return {"coding": [{"system": system, "code": code, "display": display}], "text": display}


def _own(name: str, code: str, display: str) -> Resource:
    return _coded(OURS + name, code, display)


def _quantity(value: float, unit: str, ucum: str) -> Resource:
    return {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": ucum}


def _period(start: datetime, end: datetime) -> Resource:
    return {"start": _instant(start), "end": _instant(end)}


def _instant(when: datetime) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%S}+01:00"
