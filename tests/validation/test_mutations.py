"""Whatever breaks a known rule is an error where it was broken, and nothing that is done to a resource makes validation fail.

A mutation is a small function: it picks one part of the resources below, breaks a rule there, and says at which expression an error is
due (https://hl7.org/fhir/R4/validation.html).
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fhir_server.definitions.definitions import Definitions
from fhir_server.model.issue import Issue
from fhir_server.model.json_format import decode_resource, encode_json
from fhir_server.model.schema import Element, Schema
from fhir_server.validation.validator import Validator
from tests.validation.conftest import MINE, MakeValidator, profile, sliced

Resource = dict[str, Any]

LOCAL = "http://example.org/plans"
KINDS = "http://example.org/CodeSystem/kind"
NARRATIVE = {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml"><p>Made in a test</p></div>'}
NOTE = {"url": "http://example.org/StructureDefinition/note", "valueString": "seen"}


def concept(code: str) -> Resource:
    return {"coding": [{"system": KINDS, "code": code}]}


PATIENT = {
    "resourceType": "Patient", "id": "p", "meta": {"lastUpdated": "2024-03-01T08:30:00+01:00"}, "text": NARRATIVE,
    "contained": [{"resourceType": "Organization", "id": "o", "name": "Clinic"}],
    "identifier": [{"use": "official", "system": "urn:oid:1.2.250.1.999.1", "value": "1", "period": {"start": "2020", "end": "2024"}}],
    "active": True, "name": [{"use": "official", "family": "Durand", "given": ["Jeanne", "Marie"]}, {"text": "Jeanne"}],
    "telecom": [{"system": "phone", "value": "+33 1 99 00 00 00", "use": "home", "rank": 1}], "gender": "female",
    "birthDate": "1950-07-14", "_birthDate": {"extension": [NOTE]}, "multipleBirthInteger": 2,
    "address": [{"use": "home", "type": "both", "line": ["12 rue des Tilleuls"], "city": "Brest"}],
    "contact": [{"name": {"family": "Durand"}, "gender": "male"}],
    "communication": [{"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "fr-FR"}]}, "preferred": True}],
    "managingOrganization": {"reference": "#o"}, "generalPractitioner": [{"reference": "Practitioner/g"}],
    "link": [{"other": {"reference": "Patient/q"}, "type": "seealso"}], "extension": [NOTE],
}  # fmt: skip
OBSERVATION = {
    "resourceType": "Observation", "id": "w", "text": NARRATIVE, "status": "final", "code": concept("weight-at-home"),
    "subject": {"reference": "Patient/p"}, "effectiveDateTime": "2024-03-01T08:30:00+01:00", "issued": "2024-03-01T08:30:00.5+01:00",
    "valueQuantity": {"value": 72.5, "comparator": "<", "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"},
    "referenceRange": [{"low": {"value": 50}, "text": "more than 50"}],
    "component": [{"code": {"text": "a"}, "valueTime": "08:30:00"}, {"code": {"text": "b"}, "valueString": "light"}],
}  # fmt: skip
PLAN = {
    "resourceType": "CarePlan", "id": "c", "meta": {"profile": [MINE + "plan"]}, "text": NARRATIVE,
    "identifier": [{"use": "official", "type": concept("local"), "system": LOCAL, "value": "1"}, {"system": "urn:x:other", "value": "2"}],
    "status": "active", "intent": "plan", "category": [concept("shared"), concept("home")], "subject": {"reference": "Patient/p"},
    "period": {"start": "2024-03-01", "end": "2024-09-01"}, "goal": [{"reference": "Goal/1"}, {"reference": "Goal/2"}],
    "activity": [
        {
            "detail": {
                "status": "in-progress", "performer": [{"reference": "Practitioner/i"}],
                "scheduledTiming": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d", "timeOfDay": ["08:00:00"]}},
            },
            "progress": [{"time": "2024-03-01T08:30:00+01:00", "text": "done"}],
        }
    ],
}  # fmt: skip
BUNDLE = {
    "resourceType": "Bundle", "id": "b", "type": "collection",
    "entry": [
        {"fullUrl": "http://example.org/fhir/Patient/p", "resource": PATIENT},
        {"fullUrl": "http://example.org/fhir/Observation/w", "resource": OBSERVATION},
        {"fullUrl": "http://example.org/fhir/CarePlan/c", "resource": PLAN},
    ],
}  # fmt: skip
RESOURCES = [PATIENT, OBSERVATION, PLAN, BUNDLE]
PLAN_PROFILE = profile(
    "CarePlan",
    [
        sliced("identifier", ("value", "system")),
        {"id": "identifier:local", "min": 1, "max": "1"},
        {"id": "identifier:local.use", "min": 1, "fixedCode": "official"},
        {"id": "identifier:local.type", "min": 1, "patternCodeableConcept": concept("local")},
        {"id": "identifier:local.system", "min": 1, "fixedUri": LOCAL},
        {"id": "intent", "fixedCode": "plan"},
        sliced("category", ("pattern", "$this")),
        {"id": "category:kind", "min": 1, "max": "1", "patternCodeableConcept": concept("shared")},
        {"id": "period", "min": 1},
        {"id": "goal", "max": "2"},
    ],
    "plan",
)


@dataclass(frozen=True, repr=False)
class Part:
    """One value in a resource: what holds it, its element, and its FHIRPath location with that of its parent."""

    root: Resource
    owner: Resource
    element: Element
    index: int | None
    type: str
    at: str
    parent: str

    @property
    def value(self) -> Any:
        held = self.owner[self.element.name]
        return held if self.index is None else held[self.index]

    def __repr__(self) -> str:
        return self.at

    def put(self, value: Any) -> None:
        if self.index is None:
            self.owner[self.element.name] = value
        else:
            self.owner[self.element.name][self.index] = value

    @property
    def all_at(self) -> str:
        """The location of the list that the value is in."""
        return self.at.rpartition("[")[0] if self.index is not None else self.at


def parts(root: Resource, schema: Schema) -> Iterator[Part]:
    """All values of a resource, itself first."""
    name = root["resourceType"]
    yield from _below(Part(root, {"": root}, Element("", name, name), None, name, name, ""), schema)


def _below(part: Part, schema: Schema) -> Iterator[Part]:
    yield part
    if not isinstance(part.value, dict):
        return
    for name, element in schema[part.type].elements.items():
        held = part.value.get(name)
        listed = enumerate(held) if isinstance(held, list) else [(None, held)] if held is not None else []
        for index, value in listed:
            step = f"{element.choice}.ofType({element.type})" if element.choice else name
            at = f"{part.at}.{step}" + (f"[{index}]" if index is not None else "")
            type_ = value["resourceType"] if element.type == "Resource" else element.type
            yield from _below(Part(part.root, part.value, element, index, type_, at, part.at), schema)


class Pick:
    """What a mutation may choose from: the parts of all resources, and anything else by the same draw."""

    def __init__(self, data: st.DataObject, schema: Schema):
        self.data, self.schema = data, schema
        self.parts = [part for root in copy.deepcopy(DECODED) for part in parts(root, schema)]

    def one_of(self, values: Sequence[Any]) -> Any:
        return self.data.draw(st.sampled_from(values))

    def part(self, wanted: Callable[[Part], object]) -> Part:
        part: Part = self.one_of([part for part in self.parts if wanted(part)])
        return part

    def objects(self, wanted: Callable[[Part], object] = bool) -> Part:
        return self.part(lambda one: isinstance(one.value, dict) and wanted(one))


DECODED = [decode_resource(encode_json(one)) for one in RESOURCES]
Broken = tuple[Resource, str]
Mutation = Callable[[Pick], Broken]


def a_required_element_is_removed(pick: Pick) -> Broken:
    part = pick.part(lambda one: one.element.min or one.element.path == "CarePlan.period")
    part.owner.pop(part.element.name)
    part.owner.pop("_" + part.element.name, None)
    return part.root, part.parent


def a_maximum_of_a_profile_is_exceeded(pick: Pick) -> Broken:
    part = pick.part(lambda one: one.element.path == "CarePlan.goal")
    part.owner["goal"].append({"reference": "Goal/3"})
    return part.root, part.parent


def a_single_value_is_given_as_a_list(pick: Pick) -> Broken:
    part = pick.part(lambda one: one.parent and one.index is None)
    part.put([part.value, part.value])
    return part.root, part.at


WRONG_FORMATS = {
    "boolean": "true", "canonical": "a b", "code": " x", "date": "1950-13-01", "dateTime": "2024-02-30", "decimal": "72.5", "id": "a b",
    "instant": "2024-03-01", "integer": 1.5, "positiveInt": 0, "string": "", "time": "25:00:00", "uri": "a b", "xhtml": "<div>",
    "http://hl7.org/fhirpath/System.String": 7,
}  # fmt: skip


def a_primitive_has_a_wrong_format(pick: Pick) -> Broken:
    part = pick.part(lambda one: one.type in WRONG_FORMATS)
    part.put(WRONG_FORMATS[part.type])
    return part.root, part.at


def an_object_is_no_object(pick: Pick) -> Broken:
    part = pick.objects(lambda one: one.parent)
    part.put(pick.one_of(["x", 7, True, {}]))
    return part.root, part.at


def a_primitive_is_an_object(pick: Pick) -> Broken:
    part = pick.part(lambda one: not isinstance(one.value, dict))
    part.put(pick.one_of([{"value": "x"}, ["x"], {}, []]))
    return part.root, part.at


def a_list_is_no_list(pick: Pick) -> Broken:
    part = pick.part(lambda one: one.index is not None)
    part.owner[part.element.name] = part.value
    return part.root, part.all_at


def an_unknown_element_is_added(pick: Pick) -> Broken:
    part = pick.objects()
    part.value["surprise"] = pick.one_of(["x", 1, {"a": "b"}, ["x"]])
    return part.root, f"{part.at}.surprise"


CODED = {
    "Patient.gender", "Patient.contact.gender", "Patient.link.type", "HumanName.use", "Identifier.use", "ContactPoint.system",
    "ContactPoint.use", "Address.use", "Address.type", "Narrative.status", "Observation.status", "Quantity.comparator", "CarePlan.status",
    "CarePlan.intent", "CarePlan.activity.detail.status", "Timing.repeat.periodUnit", "Bundle.type",
}  # fmt: skip


def a_code_is_outside_its_required_binding(pick: Pick) -> Broken:
    part = pick.part(lambda one: one.element.path in CODED)
    part.put("no-such-code")
    return part.root, part.at


INVARIANTS: dict[str, Resource] = {  # the type or element, and what to change there; None removes
    "Patient.contact": {"name": None},  # pat-1
    "Period": {"start": "2025-01-01", "end": "2019-01-01"},  # per-1
    "ContactPoint": {"system": None},  # cpt-2
    "Observation": {"dataAbsentReason": {"text": "none"}},  # obs-6
    "Observation.referenceRange": {"low": None, "text": None, "type": {"text": "t"}},  # obs-3
    "CarePlan.activity": {"reference": {"reference": "Task/1"}},  # cpl-3
    "Extension": {"extension": [NOTE]},  # ext-1
    "Timing.repeat": {"periodUnit": None},  # tim-2
    "Reference": {"reference": "#nothing"},  # ref-1
    "Organization": {"name": None},  # org-1
}


def an_invariant_is_broken(pick: Pick) -> Broken:
    part = pick.objects(lambda one: one.type in INVARIANTS)
    changed = {**part.value, **INVARIANTS[part.type]}
    part.value.clear()
    part.value.update({name: value for name, value in changed.items() if value is not None})
    return part.root, part.at


def two_entries_have_one_full_url(pick: Pick) -> Broken:
    part = pick.part(lambda one: one.element.path == "Bundle.entry" and one.index)
    part.value["fullUrl"] = part.owner["entry"][0]["fullUrl"]
    return part.root, "Bundle"


WRONG_TARGETS = {
    "Patient.managingOrganization": "Patient/1", "Patient.generalPractitioner": "Patient/1", "Patient.link.other": "Observation/1",
    "Observation.subject": "Goal/1", "CarePlan.subject": "Device/1", "CarePlan.goal": "Patient/1",
    "CarePlan.activity.detail.performer": "Goal/1",
}  # fmt: skip


def a_reference_points_at_a_wrong_type(pick: Pick) -> Broken:
    part = pick.part(lambda one: one.element.path in WRONG_TARGETS)
    part.value["reference"] = WRONG_TARGETS[part.element.path]
    return part.root, part.at


IN_SLICE = ("Identifier.use", LOCAL)


def a_fixed_value_is_changed(pick: Pick) -> Broken:
    part = pick.part(lambda one: one.element.path == "CarePlan.intent" or (one.element.path, one.owner.get("system")) == IN_SLICE)
    part.put("order" if part.element.name == "intent" else "old")
    return part.root, part.at


def a_pattern_is_broken(pick: Pick) -> Broken:
    part = pick.part(lambda one: one.element.path == "Identifier.type")
    part.value["coding"][0]["code"] = "other"
    return part.root, part.at


SLICED = {"CarePlan.identifier", "CarePlan.category"}


def a_required_slice_is_missing(pick: Pick) -> Broken:
    part = pick.part(lambda one: one.element.path in SLICED and one.index == 0)
    del part.owner[part.element.name][0]
    return part.root, part.parent


def a_slice_loses_what_tells_it_apart(pick: Pick) -> Broken:
    part = pick.part(lambda one: one.element.path in SLICED and one.index == 0)
    held = part.value if part.element.name == "identifier" else part.value["coding"][0]
    held["system"] = "http://example.org/another"
    return part.root, part.parent


def a_slice_occurs_twice(pick: Pick) -> Broken:
    part = pick.part(lambda one: one.element.path in SLICED and one.index == 0)
    part.owner[part.element.name].append(copy.deepcopy(part.value))
    return part.root, part.parent


def an_extension_has_no_url(pick: Pick) -> Broken:
    part = pick.objects(lambda one: "extension" in pick.schema[one.type].elements and one.type != "Extension")
    listed = part.value.setdefault("extension", [])
    listed.append({"valueString": "x"})
    return part.root, f"{part.at}.extension[{len(listed) - 1}]"


def a_choice_is_made_twice(pick: Pick) -> Broken:
    part = pick.objects(lambda one: "valueString" in one.value)
    part.value["valueInteger"] = 1
    return part.root, part.at


MUTATIONS: dict[Mutation, str] = {  # and the message ids that are right
    a_required_element_is_removed: "cardinality-min",
    a_maximum_of_a_profile_is_exceeded: "cardinality-max",
    a_single_value_is_given_as_a_list: "json-type|xhtml",
    a_primitive_has_a_wrong_format: "primitive-format|xhtml",
    an_object_is_no_object: "json-type|empty-object|resource-type",
    a_primitive_is_an_object: "json-type|xhtml",
    a_list_is_no_list: "json-type",
    an_unknown_element_is_added: "unknown-element",
    a_code_is_outside_its_required_binding: "binding-required",
    an_invariant_is_broken: "invariant-(pat-1|per-1|cpt-2|obs-6|obs-3|cpl-3|ext-1|tim-2|ref-1|org-1)",
    two_entries_have_one_full_url: "invariant-bdl-7",
    a_reference_points_at_a_wrong_type: "reference-target",
    a_fixed_value_is_changed: "fixed",
    a_pattern_is_broken: "pattern",
    a_required_slice_is_missing: "slice-min",
    a_slice_loses_what_tells_it_apart: "slice-min",
    a_slice_occurs_twice: "slice-max",
    an_extension_has_no_url: "cardinality-min",
    a_choice_is_made_twice: "choice-twice",
}

same_each_time = settings(derandomize=True, database=None, deadline=None, max_examples=100, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def validator(with_definitions: MakeValidator) -> Validator:
    return with_definitions([PLAN_PROFILE])


def errors(issues: list[Issue]) -> list[tuple[str | None, str | None]]:
    return [(one.message_id, one.expression) for one in issues if one.is_error]


@pytest.mark.parametrize("resource", DECODED, ids=[one["resourceType"] for one in DECODED])
def test_the_resource_that_is_mutated_has_no_error(validator: Validator, resource: Resource) -> None:
    assert errors(validator.validate(resource)) == []


@pytest.mark.parametrize("mutation", MUTATIONS, ids=[one.__name__ for one in MUTATIONS])
@same_each_time
@given(data=st.data())
def test_it_is_an_error_where(validator: Validator, definitions: Definitions, mutation: Mutation, data: st.DataObject) -> None:
    resource, at = mutation(Pick(data, definitions.schema))
    found = errors(validator.validate(resource))
    right = [id_ for id_, expression in found if expression == at and re.fullmatch(MUTATIONS[mutation], id_ or "")]
    assert right, f"nothing of {MUTATIONS[mutation]} at {at}: {found}"


MORE: list[Resource] = [  # of which other rules ask
    PLAN_PROFILE,
    {
        "resourceType": "Questionnaire", "url": "http://example.org/Questionnaire/q", "status": "active",
        "item": [
            {"linkId": "1", "type": "choice", "answerOption": [{"valueCoding": {"code": "a"}}, {"valueString": "b"}]},
            {"linkId": "2", "type": "group", "item": [{"linkId": "2.1", "type": "integer", "initial": [{"valueInteger": 1}]}]},
            {"linkId": "3", "type": "string", "enableWhen": [{"question": "1", "operator": "exists", "answerBoolean": True}]},
        ],
    },
    {
        "resourceType": "QuestionnaireResponse", "status": "completed", "questionnaire": "#q",
        "contained": [{"resourceType": "Questionnaire", "id": "q", "status": "active", "item": [{"linkId": "1", "type": "date"}]}],
        "item": [{"linkId": "1", "answer": [{"valueDate": "2024-03-01"}]}],
    },
    {
        "resourceType": "ValueSet", "url": "http://example.org/ValueSet/v", "status": "active",
        "compose": {"include": [{"system": "urn:ietf:bcp:47", "concept": [{"code": "fi"}]}]},
        "expansion": {"timestamp": "2024", "contains": [{"system": "urn:ietf:bcp:47", "code": "fi", "display": "Finnish"}]},
    },
    {
        "resourceType": "CodeSystem", "url": KINDS, "status": "active", "content": "complete", "property": [{"code": "p", "type": "code"}],
        "concept": [{"code": "a", "property": [{"code": "p", "valueCode": "x"}], "concept": [{"code": "b", "display": "B"}]}],
    },
    {
        "resourceType": "SearchParameter", "url": "http://example.org/SearchParameter/s", "name": "S", "status": "active",
        "description": "d", "code": "s", "base": ["Patient"], "type": "token", "expression": "Patient.gender | Patient.name.use",
    },
]  # fmt: skip

NAMES = st.sampled_from(["resourceType", "id", "extension", "url", "contained", "entry", "resource", "reference", "meta", "_gender"])
TEXTS = ["", "x", "#", "#o", "Patient", "Patient/p", "http://e.org/a|1", "urn:uuid:", "9999-12-31T23:59:60Z", "(", "a.b[0]", "é\0"]
PLAIN = st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(TEXTS)
JSON = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=6)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key) of a JSON value."""
    keys = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    for key in keys:
        yield value, key
        yield from places(value[key])


def remove(place: tuple[Any, Any], resource: Resource, data: st.DataObject) -> None:
    container, key = place
    del container[key]


def replace(place: tuple[Any, Any], resource: Resource, data: st.DataObject) -> None:
    container, key = place
    container[key] = data.draw(JSON)


def replace_by_its_like(place: tuple[Any, Any], resource: Resource, data: st.DataObject) -> None:
    """Something of the same JSON type, so that the rules behind the structure check are asked too."""
    container, key = place
    alike = [held[at] for held, at in places(resource) if type(held[at]) is type(container[key])]
    others = TEXTS if isinstance(container[key], str) else []
    container[key] = copy.deepcopy(data.draw(st.sampled_from([*alike, *others])))


def rename(place: tuple[Any, Any], resource: Resource, data: st.DataObject) -> None:
    container, key = place
    if isinstance(container, dict):
        container[data.draw(NAMES)] = container.pop(key)


SURGERY = st.sampled_from([remove, replace, replace_by_its_like, rename])
ANYTHING = [*DECODED, *(decode_resource(encode_json(one)) for one in MORE)]


@settings(same_each_time, max_examples=500)
@given(data=st.data())
def test_nothing_makes_validation_fail(validator: Validator, data: st.DataObject) -> None:
    resource = copy.deepcopy(data.draw(st.sampled_from(ANYTHING)))
    for operation in data.draw(st.lists(SURGERY, min_size=1, max_size=4)):
        if found := list(places(resource)):
            operation(data.draw(st.sampled_from(found)), resource, data)
    assert all(one.diagnostics for one in validator.validate(resource, MINE + "plan"))
