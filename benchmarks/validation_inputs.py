"""What both validators are given: a Patient of 2 KB, a CarePlan of 5 KB under a profile with slices, Bundles of 100 entries."""

from __future__ import annotations

import bz2
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.rich_bundle import rich_bundle
from benchmarks.validation import patient

Resource = dict[str, Any]

PLAN = "https://example.org/fhir/StructureDefinition/shared-plan"
DIV = '<div xmlns="http://www.w3.org/1999/xhtml"><p>Plan</p></div>'
SYSTEM = "https://example.org/fhir/CodeSystem/plan-part"


@dataclass(frozen=True, slots=True)
class Input:
    """`is_valid` is what both must say."""

    name: str
    resource: Resource
    is_valid: bool
    profile: str = ""

    def write(self, folder: Path) -> Path:
        file = folder / f"{self.name.replace(' ', '-')}.json"
        file.write_text(json.dumps(self.resource, ensure_ascii=False, indent=1), "utf-8")
        return file


def inputs() -> list[Input]:
    """Each once as it should be, and once with a fault that a profile, a base type or a primitive asks about."""
    person, plan = patient(), care_plan()
    nobody = {**person, "gender": "femme", "birthDate": "1950-02-30"}
    rich, wrong = rich_bundle(), rich_bundle()
    del wrong["entry"][-1]["resource"]["status"]
    halved = {**plan, "category": plan["category"][:1]}
    return [
        Input("Patient", person, True), Input("wrong Patient", nobody, False),
        Input("CarePlan", plan, True, PLAN), Input("wrong CarePlan", halved, False, PLAN),
        Input("Bundle", bundle(100), True), Input("wrong Bundle", bundle(100, "31/12/1950"), False),
        Input("rich Bundle", rich, True), Input("wrong rich Bundle", wrong, False),
    ]  # fmt: skip


def synthea() -> list[Input]:
    """The first 100 entries of the middle one of Synthea's Bundles, else as it is; none where the test material is absent."""
    folder = Path(os.environ.get("PASSERELLE_TEST_DATA", "../shared/data")) / "synthea-r4"
    files = sorted(folder.glob("*.bz2"), key=lambda path: path.stat().st_size)
    if not files:
        return []
    whole = json.loads(bz2.decompress(files[len(files) // 2].read_bytes()))
    return [Input("Synthea Bundle", {**whole, "entry": whole["entry"][:100]}, True)]


def profile() -> Resource:
    """A CarePlan with sliced categories, identifiers and supporting parts; without a snapshot, so that both make their own."""
    rows = [
        {"path": "CarePlan.identifier", "slicing": _by("value", "system"), "min": 1},
        {"path": "CarePlan.identifier", "sliceName": "local", "min": 1, "max": "1"},
        {"path": "CarePlan.identifier.system", "min": 1, "fixedUri": "https://example.org/plans"},
        {"path": "CarePlan.category", "slicing": _by("pattern", "$this"), "min": 2},
        {"path": "CarePlan.category", "sliceName": "kind", "min": 1, "max": "1", "patternCodeableConcept": _concept("shared")},
        {"path": "CarePlan.category", "sliceName": "scope", "min": 1, "max": "1", "patternCodeableConcept": _concept("home")},
        {"path": "CarePlan.period", "min": 1},
        {"path": "CarePlan.author", "min": 1},
        {"path": "CarePlan.activity", "min": 1},
        {"path": "CarePlan.activity.detail", "min": 1},
    ]
    elements = [{"id": _id(rows, index), **row} for index, row in enumerate(rows)]
    return {
        "resourceType": "StructureDefinition", "url": PLAN, "version": "1.0.0", "name": "SharedPlan", "status": "active",
        "fhirVersion": "4.0.1", "kind": "resource", "abstract": False, "type": "CarePlan", "derivation": "constraint",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/CarePlan",
        "differential": {"element": [{"id": "CarePlan", "path": "CarePlan"}, *elements]},
    }  # fmt: skip


def _by(kind: str, path: str) -> Resource:
    return {"discriminator": [{"type": kind, "path": path}], "rules": "open"}


def _id(rows: list[Resource], index: int) -> str:
    """A row below a slice belongs to the last one named."""
    row = rows[index]
    if name := row.get("sliceName"):
        return f"{row['path']}:{name}"
    slices = [one for one in rows[:index] if "sliceName" in one and row["path"].startswith(one["path"] + ".")]
    return row["path"].replace(slices[-1]["path"], f"{slices[-1]['path']}:{slices[-1]['sliceName']}") if slices else str(row["path"])


def _concept(code: str) -> Resource:
    return {"coding": [{"system": SYSTEM, "code": code}]}


def care_plan() -> Resource:
    """Some 5 KB: two sliced categories, goals, and ten activities."""
    activity = {
        "detail": {
            "status": "in-progress", "description": "Passage infirmier, pansement et surveillance de la glycémie",
            "code": {"text": "Soins infirmiers"}, "performer": [{"reference": "Practitioner/i1", "display": "Cabinet infirmier"}],
            "scheduledTiming": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d", "timeOfDay": ["08:00:00"]}},
        },
        "progress": [{"time": "2024-03-01T08:30:00+01:00", "text": "Fait"}],
    }  # fmt: skip
    return {
        "resourceType": "CarePlan", "id": "c1", "meta": {"profile": [PLAN]}, "text": {"status": "generated", "div": DIV},
        "identifier": [{"system": "https://example.org/plans", "value": "p1"}, {"system": "https://example.org/other", "value": "x"}],
        "status": "active", "intent": "plan", "category": [_concept("shared"), _concept("home")], "title": "Plan personnalisé",
        "subject": {"reference": "Patient/p1"}, "period": {"start": "2024-03-01", "end": "2024-09-01"},
        "author": {"reference": "Practitioner/g1"}, "goal": [{"reference": f"Goal/{n}"} for n in range(4)],
        "activity": [activity] * 10,
    }  # fmt: skip


def bundle(entries: int, born: str = "1950-07-14") -> Resource:
    """A collection of people and what was measured about them; `born` is the first one's."""
    half = entries // 2
    people = [_person(number, born if number == 0 else "1950-07-14") for number in range(half)]
    measured = [_measured(number) for number in range(half)]
    listed = [{"fullUrl": f"https://example.org/fhir/{one['resourceType']}/{one['id']}", "resource": one} for one in (*people, *measured)]
    return {"resourceType": "Bundle", "type": "collection", "entry": listed}


def _person(number: int, born: str) -> Resource:
    name = [{"use": "official", "family": f"Durand {number}", "given": ["Jeanne"]}]
    return {
        "resourceType": "Patient", "id": f"p{number}", "text": {"status": "generated", "div": DIV}, "name": name,
        "gender": "female", "birthDate": born,
    }  # fmt: skip


def _measured(number: int) -> Resource:
    weight = {"value": 72.5, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"}
    return {
        "resourceType": "Observation", "id": f"o{number}", "text": {"status": "generated", "div": DIV}, "status": "final",
        "code": {"coding": [{"system": "https://example.org/fhir/CodeSystem/measured", "code": "weight-at-home"}], "text": "Poids"},
        "subject": {"reference": f"Patient/p{number}"}, "performer": [{"reference": f"Patient/p{number}"}],
        "effectiveDateTime": "2024-03-01T08:30:00+01:00", "valueQuantity": weight,
    }  # fmt: skip
