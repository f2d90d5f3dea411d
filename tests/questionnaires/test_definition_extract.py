"""Definition-based extraction (https://hl7.org/fhir/uv/sdc/STU4/extraction.html#definition-based-extraction)."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_server.definitions.definitions import Definitions
from fhir_server.model.issue import Category, fault
from fhir_server.model.schema import Schema
from tests.questionnaires.extracting import entries_of, extracted_from, resources_of, url
from tests.questionnaires.forms import CORE, SDC, answered, form, group, question, response

Item = dict[str, Any]
PATIENT, OBSERVATION = CORE + "Patient", CORE + "Observation"


def begins(canonical: str, **parts: str) -> Item:
    said = [{"url": name, "valueString": text} for name, text in parts.items()]
    return {"url": SDC + "definitionExtract", "extension": [{"url": "definition", "valueCanonical": canonical}, *said]}


def value(definition: str, **said: Any) -> Item:
    """`expression`, or a fixed value by the name of its type."""
    (kind, what), *_ = said.items()
    part = (
        {"url": "fixed-value", kind: what}
        if kind != "expression"
        else {"url": "expression", "valueExpression": {"language": "text/fhirpath", "expression": what}}
    )
    return {"url": SDC + "definitionExtractValue", "extension": [{"url": "definition", "valueUri": definition}, part]}


def at(link_id: str, type_: str, path: str, *below: Item, extension: Any = (), profile: str = PATIENT, **more: Any) -> Item:
    return question(link_id, type_, *below, definition=f"{profile}#{path}", extension=list(extension), **more)


def text(link_id: str, *values: str) -> Item:
    return answered(link_id, *({"valueString": one} for one in values))


def patient_form(*items: Item) -> Item:
    return form(question("patient", "group", *items, extension=[begins(PATIENT)], repeats=True))


def patient(form_: Item, schema: Schema, *items: Item) -> Item:
    (made,) = resources_of(form_, response(group("patient", *items)), schema)
    return made


def test_answers_that_share_an_element_are_written_into_the_same_one(schema: Schema) -> None:
    asked = patient_form(at("given", "string", "Patient.name.given", repeats=True), at("family", "string", "Patient.name.family"))
    made = patient(asked, schema, text("given", "Anne", "Marie"), text("family", "Durand"))
    assert made == {"resourceType": "Patient", "name": [{"given": ["Anne", "Marie"], "family": "Durand"}]}


def test_each_repeat_of_a_group_is_an_element_of_its_own(schema: Schema) -> None:
    names = (at("given", "string", "Patient.name.given"), at("family", "string", "Patient.name.family"))
    by_definition = patient_form(at("name", "group", "Patient.name", *names, repeats=True))
    by_place = patient_form(question("name", "group", *names, repeats=True))
    for asked in (by_definition, by_place):
        made = patient(asked, schema, group("name", text("given", "Anne")), group("name", text("given", "Annie"), text("family", "Petit")))
        assert made["name"] == [{"given": ["Anne"]}, {"given": ["Annie"], "family": "Petit"}]


def test_a_question_may_be_the_element_that_its_group_stands_for(schema: Schema) -> None:
    below = (at("whole", "string", "Patient.name"), at("f", "string", "Patient.name.family"))
    asked = patient_form(at("name", "group", "Patient.name", *below))
    made = patient(asked, schema, group("name", text("whole", "Anne Durand"), text("f", "Durand")))
    assert sorted(made["name"], key=str) == [{"family": "Durand"}, {"text": "Anne Durand"}]


def test_what_an_item_says_beside_its_answer_goes_into_the_same_repetition(schema: Schema) -> None:
    def contact(link_id: str, system: str) -> Item:
        return at(
            link_id,
            "string",
            "Patient.telecom.value",
            extension=[value(f"{PATIENT}#Patient.telecom.system", valueCode=system)],
            repeats=True,
        )

    asked = patient_form(contact("phone", "phone"), contact("mail", "email"))
    made = patient(asked, schema, text("phone", "01", "02"), text("mail", "a@example.org"))
    assert [(one["system"], one["value"]) for one in made["telecom"]] == [("phone", "01"), ("phone", "02"), ("email", "a@example.org")]
    assert [one["system"] for one in patient(asked, schema, text("mail", "a@example.org"))["telecom"]] == ["email"]


def test_values_may_be_computed_and_see_the_item_and_the_ids_that_were_allocated(schema: Schema) -> None:
    full = value(f"{PATIENT}#Patient.name.text", expression="item.answer.value.join(' ')")
    relation = value(CORE + "RelatedPerson#RelatedPerson.patient.reference", expression="%who")
    asked = form(
        question("patient", "group", at("name", "group", "Patient.name", question("a"), question("b"), extension=[full]),
                 extension=[begins(PATIENT, fullUrl="%who")]),
        question("relative", "group", at("n", "string", "RelatedPerson.name.text", profile=CORE + "RelatedPerson"),
                 extension=[begins(CORE + "RelatedPerson"), relation]),
        extension=[{"url": SDC + "extractAllocateId", "valueString": "who"}],
    )  # fmt: skip
    answer = response(group("patient", group("name", text("a", "Anne"), text("b", "Durand"))), group("relative", text("n", "Paul")))
    first, second = entries_of(asked, answer, schema)
    assert (first["fullUrl"], first["resource"]["name"]) == (url(1), [{"text": "Anne Durand"}])
    assert second["resource"] == {"resourceType": "RelatedPerson", "patient": {"reference": url(1)}, "name": [{"text": "Paul"}]}


@pytest.mark.parametrize(
    ("path", "type_", "answer", "expected"),
    [
        ("Observation.value[x]", "boolean", {"valueBoolean": False}, {"valueBoolean": False}),
        ("Observation.value", "choice", {"valueCoding": {"code": "a"}}, {"valueCodeableConcept": {"coding": [{"code": "a"}]}}),
        ("Observation.value[x]", "decimal", {"valueDecimal": 2}, {"valueQuantity": {"value": 2}}),
        ("Observation.value[x]:valueQuantity.value", "decimal", {"valueDecimal": 2}, {"valueQuantity": {"value": 2}}),
        ("Observation.value[x].value", "decimal", {"valueDecimal": 2}, {"valueQuantity": {"value": 2}}),
        ("Observation.valueQuantity.value", "decimal", {"valueDecimal": 2}, {"valueQuantity": {"value": 2}}),
        ("Observation.effective[x]", "date", {"valueDate": "2026-03-01"}, {"effectiveDateTime": "2026-03-01"}),
        (
            "Observation.effective[x]:effectivePeriod.start",
            "date",
            {"valueDate": "2026-03-01"},
            {"effectivePeriod": {"start": "2026-03-01"}},
        ),
        ("Observation.code", "open-choice", {"valueString": "pain"}, {"code": {"text": "pain"}}),
        ("Observation.status", "choice", {"valueCoding": {"code": "final"}}, {"status": "final"}),
        ("Observation.subject", "reference", {"valueReference": {"reference": "Patient/1"}}, {"subject": {"reference": "Patient/1"}}),
        ("Observation.note", "text", {"valueString": "well"}, {"note": [{"text": "well"}]}),
        ("Observation.interpretation.coding", "choice", {"valueCoding": {"code": "H"}}, {"interpretation": [{"coding": [{"code": "H"}]}]}),
        ("Observation.component.code.text", "string", {"valueString": "x"}, {"component": [{"code": {"text": "x"}}]}),
    ],
)
def test_an_answer_takes_the_form_of_its_element(path: str, type_: str, answer: Item, expected: Item, schema: Schema) -> None:
    asked = form(at("q", type_, path, profile=OBSERVATION, extension=[begins(OBSERVATION)]))
    (made,) = resources_of(asked, response(answered("q", answer)), schema)
    assert made == {"resourceType": "Observation", **expected}


def test_a_number_with_a_unit_is_a_quantity(schema: Schema) -> None:
    unit = {"url": CORE + "questionnaire-unit", "valueCoding": {"system": "http://unitsofmeasure.org", "code": "kg"}}
    asked = form(at("q", "decimal", "Observation.value[x]", profile=OBSERVATION, extension=[begins(OBSERVATION), unit]))
    (made,) = resources_of(asked, response(answered("q", {"valueDecimal": 72.5})), schema)
    assert made["valueQuantity"] == {"value": 72.5, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"}


def test_a_resource_at_the_root_is_made_without_any_answer_and_one_at_an_item_is_not(schema: Schema) -> None:
    status = value(f"{OBSERVATION}#Observation.status", valueCode="final")
    at_root = form(question("q"), extension=[begins(OBSERVATION), status])
    at_item = form(question("q", extension=[begins(OBSERVATION), status]))
    assert resources_of(at_root, response(), schema) == [{"resourceType": "Observation", "status": "final"}]
    assert resources_of(at_item, response(), schema) == []


def test_the_id_makes_an_update_of_it(schema: Schema) -> None:
    asked = patient_form(at("id", "string", "Patient.id"), at("birth", "date", "Patient.birthDate"))
    (entry,) = entries_of(asked, response(group("patient", text("id", "p1"), answered("birth", {"valueDate": "1950-01-01"}))), schema)
    assert entry["request"] == {"method": "PUT", "url": "Patient/p1"}


@pytest.mark.parametrize(
    ("path", "answer", "told"),
    [
        ("Patient.shoes.size", {"valueString": "x"}, "There is no Patient.shoes; mend the definition"),
        ("Patient.shoes", {"valueString": "x"}, "There is no Patient.shoes that takes a string"),
        ("Patient.birthDate", {"valueInteger": 3}, "A integer cannot be written as Patient.birthDate, which is a date"),
    ],
)
def test_what_cannot_be_written_is_told(path: str, answer: Item, told: str, schema: Schema) -> None:
    made = extracted_from(patient_form(at("q", "string", path)), response(group("patient", answered("q", answer))), schema)
    assert made.bundle is None
    assert told in made.issues[0].diagnostics


def test_an_unknown_profile_and_a_value_without_a_resource_are_told(schema: Schema) -> None:
    asked = form(question("q", extension=[begins("https://example.org/nowhere"), value(f"{PATIENT}#Patient.active", valueBoolean=True)]))
    made = extracted_from(asked, response(text("q", "x")), schema)
    assert ["There is no profile https://example.org/nowhere" in one.diagnostics for one in made.issues] == [True, False]
    assert "belongs to no resource" in made.issues[1].diagnostics


# the older form


def context(**kind: Any) -> Item:
    return {"url": SDC + "itemExtractionContext", **kind}


def test_the_older_form_names_a_type_and_takes_any_definition_of_it(schema: Schema) -> None:
    asked = form(
        question("birth", "date", definition="http://hl7.org/fhir/Patient#Patient.birthDate"), extension=[context(valueCode="Patient")]
    )
    made = resources_of(asked, response(answered("birth", {"valueDate": "1950-01-01"})), schema)
    assert made == [{"resourceType": "Patient", "birthDate": "1950-01-01"}]


class Known:
    """A source with two persons."""

    def read(self, type_name: str, id_: str) -> Item | None:
        return {"resourceType": type_name, "id": id_, "active": True, "birthDate": "1940-01-01"}

    def search(self, type_name: str, query: str) -> Item:
        assert (type_name, query) == ("Patient", "family=Durand")
        return {"resourceType": "Bundle", "entry": [{"resource": self.read("Patient", one)} for one in ("a", "b")]}


def by_query(query: str) -> Item:
    return context(valueExpression={"language": "application/x-fhir-query", "expression": query})


def test_the_older_form_updates_the_resource_that_it_finds(schema: Schema) -> None:
    asked = form(
        at("birth", "date", "Patient.birthDate"), extension=[by_query("Patient/{{%resource.subject.reference.split('/').last()}}")]
    )
    answer = response(answered("birth", {"valueDate": "1950-01-01"})) | {"subject": {"reference": "Patient/a"}}
    (entry,) = entries_of(asked, answer, schema, source=Known())
    assert entry["resource"] == {"resourceType": "Patient", "id": "a", "active": True, "birthDate": "1950-01-01"}
    assert entry["request"] == {"method": "PUT", "url": "Patient/a"}


def test_of_several_resources_that_are_found_the_one_with_the_id_is_updated_and_a_new_one_is_created(schema: Schema) -> None:
    items = (at("id", "string", "Patient.id"), at("birth", "date", "Patient.birthDate"))
    asked = form(question("p", "group", *items, repeats=True, extension=[by_query("Patient?family=Durand")]))
    birth = answered("birth", {"valueDate": "1950-01-01"})
    first, second = entries_of(asked, response(group("p", text("id", "b"), birth), group("p", birth)), schema, source=Known())
    assert (first["resource"]["active"], first["request"]["url"]) == (True, "Patient/b")
    assert second["request"] == {"method": "POST", "url": "Patient"}


class Refusing(Known):
    """A source that shows nothing."""

    def read(self, type_name: str, id_: str) -> Item | None:
        raise fault(Category.FORBIDDEN, "forbidden", "Not for you.")


def test_where_the_resource_may_not_be_read_that_is_told_and_a_new_one_made(schema: Schema) -> None:
    asked = form(at("birth", "date", "Patient.birthDate"), extension=[by_query("Patient/a")])
    made = extracted_from(asked, response(answered("birth", {"valueDate": "1950-01-01"})), schema, source=Refusing())
    assert made.bundle is not None
    assert made.bundle["entry"][0]["request"] == {"method": "POST", "url": "Patient"}
    assert "Not for you" in made.issues[0].diagnostics


# profiles


BODY_WEIGHT = CORE + "bodyweight"


def test_what_a_profile_fixes_is_added(definitions: Definitions) -> None:
    items = [
        at("v", "decimal", "Observation.value[x]:valueQuantity.value", profile=BODY_WEIGHT),
        at("d", "dateTime", "Observation.effective[x]", profile=BODY_WEIGHT),
    ]
    asked = form(question("weight", "group", *items, extension=[begins(BODY_WEIGHT)]))
    answer = response(group("weight", answered("v", {"valueDecimal": 72.5}), answered("d", {"valueDateTime": "2026-03-01"})))
    (made,) = resources_of(asked, answer, definitions.schema, resolve=definitions.resolve)
    assert made["meta"] == {"profile": [BODY_WEIGHT]}
    category = {"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs"}
    assert made["category"] == [{"coding": [category]}]
    assert made["code"] == {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]}
    assert made["valueQuantity"] == {"value": 72.5, "system": "http://unitsofmeasure.org"}


IDENTIFIED: Item = {
    "resourceType": "StructureDefinition", "url": "https://example.org/identified", "type": "Patient", "kind": "resource",
    "abstract": False, "name": "Identified", "status": "active", "derivation": "constraint", "baseDefinition": PATIENT,
    "differential": {
        "element": [
            {"id": "Patient", "path": "Patient"},
            {"id": "Patient.extension", "path": "Patient.extension",
             "slicing": {"discriminator": [{"type": "value", "path": "url"}], "rules": "open"}},
            {"id": "Patient.extension:place", "path": "Patient.extension", "sliceName": "place", "min": 0, "max": "1",
             "type": [{"code": "Extension", "profile": [CORE + "patient-birthPlace"]}]},
            {"id": "Patient.identifier", "path": "Patient.identifier",
             "slicing": {"discriminator": [{"type": "value", "path": "system"}], "rules": "open"}},
            {"id": "Patient.identifier:national", "path": "Patient.identifier", "sliceName": "national", "min": 1, "max": "1"},
            {"id": "Patient.identifier:national.system", "path": "Patient.identifier.system", "min": 1, "fixedUri": "urn:oid:1.2"},
            {"id": "Patient.identifier:national.value", "path": "Patient.identifier.value", "min": 1},
            {"id": "Patient.identifier:local", "path": "Patient.identifier", "sliceName": "local", "min": 0, "max": "1",
             "patternIdentifier": {"system": "urn:oid:1.3", "type": {"text": "local"}}},
            {"id": "Patient.maritalStatus", "path": "Patient.maritalStatus", "patternCodeableConcept": {"text": "unknown"}},
            {"id": "Patient.active", "path": "Patient.active", "min": 1, "fixedBoolean": True},
        ]
    },
}  # fmt: skip


def test_slices_are_elements_of_their_own_with_what_the_profile_says_of_them(definitions: Definitions) -> None:
    def resolve(canonical: str) -> Item | None:
        return IDENTIFIED if canonical == IDENTIFIED["url"] else definitions.resolve(canonical)

    profile = str(IDENTIFIED["url"])
    items = [
        at("n", "string", "Patient.identifier:national.value", profile=profile),
        at("l", "string", "Patient.identifier:local.value", profile=profile),
        at("p", "string", "Patient.extension:place.value[x]:valueAddress.city", profile=profile),
    ]
    asked = form(question("who", "group", *items, extension=[begins(profile + "|1.0.0")]))
    with_version = {**IDENTIFIED, "version": "1.0.0"}
    (made,) = resources_of(
        asked, response(group("who", text("n", "1"), text("l", "2"), text("p", "Besançon"))), definitions.schema,
        resolve=lambda canonical: with_version if canonical.startswith(profile) else resolve(canonical),
    )  # fmt: skip
    assert made["identifier"] == [
        {"value": "1", "system": "urn:oid:1.2"},
        {"value": "2", "system": "urn:oid:1.3", "type": {"text": "local"}},
    ]
    assert made["extension"] == [{"url": CORE + "patient-birthPlace", "valueAddress": {"city": "Besançon"}}]
    assert made["active"] is True
    assert "maritalStatus" not in made  # not required, and nobody said anything of it
