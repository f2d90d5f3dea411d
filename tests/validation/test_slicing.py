"""Slices: which value belongs to which, how many, in which order (https://hl7.org/fhir/R4/profiling.html#slicing)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.validation.conftest import CORE, MINE, MakeValidator, Rows, profile, sliced

DIV = {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'}
INS, IPP = "urn:oid:1.2.250.1.213.1.4.8", "http://example.org/ipp"


def patient(**content: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "text": DIV, **content}


def observation(**content: Any) -> dict[str, Any]:
    return {"resourceType": "Observation", "text": DIV, "status": "final", "code": {"text": "x"}, **content}


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    entries = [{"fullUrl": _full_url(number, one), "resource": one} for number, one in enumerate(resources)]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def _full_url(number: int, resource: dict[str, Any]) -> str:
    if "id" in resource:
        return f"http://h/{resource['resourceType']}/{resource['id']}"
    return f"urn:uuid:00000000-0000-4000-8000-00000000000{number}"


def found(
    validator_of: MakeValidator, made: dict[str, Any], resource: dict[str, Any], *others: dict[str, Any]
) -> list[tuple[str | None, str | None]]:
    issues = validator_of([made, *others]).validate(resource, made["url"])
    return [(issue.message_id, issue.expression) for issue in issues if issue.is_error]


def by_system(*more: dict[str, Any], rules: str = "open", ordered: bool = False) -> Rows:
    return [
        sliced("identifier", ("value", "system"), rules=rules, ordered=ordered),
        {"id": "identifier:ins", "min": 1, "max": "1"},
        {"id": "identifier:ins.system", "min": 1, "fixedUri": INS},
        {"id": "identifier:ipp", "min": 0, "max": "2"},
        {"id": "identifier:ipp.system", "min": 1, "fixedUri": IPP},
        *more,
    ]


def ids(*systems: str) -> list[dict[str, Any]]:
    return [{"system": system, "value": "279035121518989" if system == INS else "1"} for system in systems]


OTHER = "http://example.org/other"

NUMBERS_AND_ORDER: list[tuple[str, Rows, list[dict[str, Any]], list[tuple[str, str]]]] = [
    ("all is well", by_system(), ids(INS, IPP, OTHER), []),
    ("a slice is missing", by_system(), ids(IPP), [("slice-min", "Patient")]),
    ("all of the element is missing", by_system(), [], [("slice-min", "Patient")]),
    ("a slice is there too often", by_system(), ids(INS, INS), [("slice-max", "Patient")]),
    ("closed", by_system(rules="closed"), ids(INS, OTHER), [("slice-closed", "Patient.identifier[1]")]),
    ("open at the end", by_system(rules="openAtEnd"), ids(INS, IPP, OTHER), []),
    ("not at the end", by_system(rules="openAtEnd"), ids(INS, OTHER, IPP), [("slice-order", "Patient.identifier[2]")]),
    ("in order", by_system(ordered=True), ids(OTHER, INS, IPP, IPP), []),
    ("out of order", by_system(ordered=True), ids(IPP, INS), [("slice-order", "Patient.identifier[1]")]),
    (
        "a rule below a slice is for its elements only",
        by_system({"id": "identifier:ipp.period", "min": 1}),
        ids(INS, IPP),
        [("cardinality-min", "Patient.identifier[1]")],
    ),
    (
        "what no slice takes goes to the default slice",
        by_system({"id": "identifier:@default", "min": 0, "max": "1"}, {"id": "identifier:@default.period", "min": 1}, rules="closed"),
        ids(INS, OTHER),
        [("cardinality-min", "Patient.identifier[1]")],
    ),
]


@pytest.mark.parametrize(("title", "rows", "identifiers", "expected"), NUMBERS_AND_ORDER, ids=[one[0] for one in NUMBERS_AND_ORDER])
def test_numbers_and_order(
    with_definitions: MakeValidator, title: str, rows: Rows, identifiers: list[dict[str, Any]], expected: list[tuple[str, str]]
) -> None:
    resource = patient(identifier=identifiers) if identifiers else patient()
    assert sorted(found(with_definitions, profile("Patient", rows), resource)) == sorted(expected)


def test_an_element_of_no_slice_is_told_the_nearest_and_what_it_lacks(with_definitions: MakeValidator) -> None:
    rows = [
        sliced("identifier", ("value", "system"), ("value", "use"), rules="closed"),
        {"id": "identifier:one", "min": 0},
        {"id": "identifier:one.system", "fixedUri": INS},
        {"id": "identifier:one.use", "fixedCode": "usual"},
        {"id": "identifier:two", "min": 0},
        {"id": "identifier:two.system", "fixedUri": IPP},
        {"id": "identifier:two.use", "fixedCode": "official"},
    ]
    made = profile("Patient", rows)
    (issue,) = with_definitions([made]).validate(patient(identifier=[{"system": OTHER, "use": "official", "value": "1"}]), made["url"])
    assert issue.message_id == "slice-closed"
    assert "nearest is 'two'" in issue.diagnostics
    assert f'system is "{OTHER}"; it must be "{IPP}"' in issue.diagnostics
    assert "use is" not in issue.diagnostics


def test_an_element_of_two_slices_is_an_error(with_definitions: MakeValidator) -> None:
    rows = [
        sliced("name", ("exists", "period"), ("exists", "text")),
        {"id": "name:a", "max": "1"},
        {"id": "name:a.period", "min": 1},
        {"id": "name:a.text", "min": 1},
        {"id": "name:b", "max": "1"},
        {"id": "name:b.period", "min": 1},
        {"id": "name:b.text", "min": 1},
    ]
    resource = patient(name=[{"text": "x", "period": {"start": "2020"}}])
    assert found(with_definitions, profile("Patient", rows), resource) == [("slice-ambiguous", "Patient.name[0]")]


HOME = {"coding": [{"system": "http://example.org/kinds", "code": "home"}]}
PATIENT_PROFILE = profile("Patient", [{"id": "birthDate", "min": 1}], "born")
ADDRESS_PROFILE = profile("Address", [{"id": "city", "min": 1}], "in-a-city")


def slices(name: str, discriminator: tuple[str, str], *rows: dict[str, Any]) -> Rows:
    """One slice of an element, which must occur, and its rows."""
    return [sliced(name, discriminator), {"id": f"{name}:s", "min": 1}, *({**row, "id": f"{name}:s{row['id']}"} for row in rows)]


IN_A_CITY = {"id": "", "type": [{"code": "Address", "profile": [MINE + "in-a-city"]}]}


def to(target: str) -> dict[str, Any]:
    """A row that refers to a profile."""
    return {"id": "", "type": [{"code": "Reference", "targetProfile": [target]}]}


DISCRIMINATORS: list[tuple[str, str, Rows, dict[str, Any], dict[str, Any]]] = [
    ("value", "Patient", slices("name", ("value", "use"), {"id": ".use", "fixedCode": "usual"}),
     patient(name=[{"use": "usual", "text": "a"}]), patient(name=[{"use": "old", "text": "a"}])),
    ("value of a part of a pattern", "Observation",
     slices("category", ("value", "coding.code"), {"id": "", "patternCodeableConcept": HOME}),
     observation(category=[HOME]), observation(category=[{"coding": [{"system": "http://example.org/kinds", "code": "x"}]}])),
    ("pattern of $this", "Observation", slices("category", ("pattern", "$this"), {"id": "", "patternCodeableConcept": HOME}),
     observation(category=[{**HOME, "text": "more"}]), observation(category=[{"text": "home"}])),
    ("value bound to a value set", "Patient",
     slices("communication", ("value", "language"),
            {"id": ".language", "binding": {"strength": "required", "valueSet": "http://example.org/ValueSet/nordic"}}),
     patient(communication=[{"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "fi"}]}}]),
     patient(communication=[{"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "fr"}]}}])),
    ("exists", "Patient", slices("telecom", ("exists", "period"), {"id": ".period", "min": 1}),
     patient(telecom=[{"period": {"start": "2020"}}]), patient(telecom=[{"rank": 1}])),
    ("exists not", "Patient", slices("telecom", ("exists", "period"), {"id": ".period", "max": "0"}),
     patient(telecom=[{"rank": 1}]), patient(telecom=[{"period": {"start": "2020"}}])),
    ("type of a resource", "Bundle", slices("entry", ("type", "resource"), {"id": ".resource", "type": [{"code": "Patient"}]}),
     bundle(patient()), bundle(observation())),
    ("type of what is referred to", "Patient",
     slices("generalPractitioner", ("type", "resolve()"), to(CORE + "Organization")),
     patient(generalPractitioner=[{"reference": "Organization/1"}]), patient(generalPractitioner=[{"reference": "Practitioner/1"}])),
    ("type of a choice", "Observation",
     slices("component", ("type", "value"), {"id": ".value[x]", "type": [{"code": "Quantity"}]}),
     observation(component=[{"code": {"text": "a"}, "valueQuantity": {"value": 1}}]),
     observation(component=[{"code": {"text": "a"}, "valueString": "1"}])),
    ("value in one type of a choice", "Observation",
     slices("component", ("value", "value.ofType(Quantity).unit"), {"id": ".value[x]", "type": [{"code": "Quantity"}]},
            {"id": ".value[x].unit", "fixedString": "m"}),
     observation(component=[{"code": {"text": "a"}, "valueQuantity": {"value": 1, "unit": "m"}}]),
     observation(component=[{"code": {"text": "a"}, "valueQuantity": {"value": 1, "unit": "km"}}])),
    ("profile", "Patient", slices("address", ("profile", "$this"), IN_A_CITY),
     patient(address=[{"city": "Dax"}]), patient(address=[{"country": "FR"}])),
    ("profile of a resource", "Bundle",
     slices("entry", ("profile", "resource"), {"id": ".resource", "type": [{"code": "Patient", "profile": [MINE + "born"]}]}),
     bundle(patient(birthDate="2000")), bundle(patient())),
    ("profile of what is referred to", "Observation",
     slices("performer", ("profile", "resolve()"), {"id": "", "type": [{"code": "Reference", "targetProfile": [MINE + "born"]}]}),
     observation(performer=[{"reference": "#p"}], contained=[{"resourceType": "Patient", "id": "p", "birthDate": "2000"}]),
     observation(performer=[{"reference": "#p"}], contained=[{"resourceType": "Patient", "id": "p", "gender": "male"}])),
    ("value in an extension", "Patient",
     slices("contact", ("value", f"extension('{MINE}kind').value"),
            {"id": ".extension", "slicing": {"discriminator": [{"type": "value", "path": "url"}], "rules": "open"}},
            {"id": ".extension:kind", "min": 1, "type": [{"code": "Extension", "profile": [MINE + "kind"]}]},
            {"id": ".extension:kind.value[x]", "fixedCode": "a"}),
     patient(contact=[{"extension": [{"url": MINE + "kind", "valueCode": "a"}], "name": {"text": "x"}}]),
     patient(contact=[{"extension": [{"url": MINE + "kind", "valueCode": "b"}], "name": {"text": "x"}}])),
    ("an extension that a profile of the type wants", "Patient",
     slices("name", ("exists", f"extension('{MINE}kind')"), {"id": "", "type": [{"code": "HumanName", "profile": [MINE + "of-a-kind"]}]}),
     patient(name=[{"extension": [{"url": MINE + "kind", "valueCode": "a"}], "text": "x"}]), patient(name=[{"text": "x"}])),
]  # fmt: skip

KIND = profile(
    "Extension",
    [{"id": "url", "fixedUri": MINE + "kind"}, {"id": "value[x]", "min": 1, "type": [{"code": "code"}]}],
    "kind",
    context=[{"type": "element", "expression": one} for one in ("Patient.contact", "Patient.name")],
)
NAME_OF_A_KIND = profile(
    "HumanName",
    [
        sliced("extension", ("value", "url")),
        {"id": "extension:kind", "min": 1, "type": [{"code": "Extension", "profile": [MINE + "kind"]}]},
    ],
    "of-a-kind",
)
NORDIC = {
    "resourceType": "ValueSet",
    "url": "http://example.org/ValueSet/nordic",
    "status": "active",
    "compose": {"include": [{"system": "urn:ietf:bcp:47", "concept": [{"code": "fi"}, {"code": "sv"}]}]},
}


@pytest.mark.parametrize(("title", "type_name", "rows", "good", "bad"), DISCRIMINATORS, ids=[one[0] for one in DISCRIMINATORS])
def test_a_discriminator_finds_its_slice_and_no_other(
    with_definitions: MakeValidator, title: str, type_name: str, rows: Rows, good: dict[str, Any], bad: dict[str, Any]
) -> None:
    made = profile(type_name, rows)
    others = (PATIENT_PROFILE, ADDRESS_PROFILE, KIND, NAME_OF_A_KIND, NORDIC)
    assert found(with_definitions, made, good, *others) == []
    assert found(with_definitions, made, bad, *others) == [("slice-min", type_name)]


def test_a_reference_in_a_bundle_is_resolved_among_its_entries(with_definitions: MakeValidator) -> None:
    rows = slices("performer", ("profile", "resolve()"), {"id": "", "type": [{"code": "Reference", "targetProfile": [MINE + "born"]}]})
    made = profile("Observation", rows)
    entry = observation(id="o", performer=[{"reference": "Patient/a"}], meta={"profile": [made["url"]]})
    validator = with_definitions([made, PATIENT_PROFILE])
    errors = [
        [issue.message_id for issue in validator.validate(bundle(entry, patient(id="a", **born))) if issue.is_error]
        for born in ({"birthDate": "2000"}, {})
    ]
    assert errors == [[], ["slice-min"]]


def test_slices_of_a_choice_are_for_their_type(with_definitions: MakeValidator) -> None:
    rows = [
        sliced("value[x]", ("type", "$this")),
        {"id": "value[x]:valueQuantity", "type": [{"code": "Quantity"}], "min": 0, "max": "1"},
        {"id": "value[x]:valueQuantity.unit", "min": 1},
    ]
    made = profile("Observation", rows)
    assert found(with_definitions, made, observation(valueString="x")) == []
    assert found(with_definitions, made, observation(valueQuantity={"value": 1})) == [
        ("cardinality-min", "Observation.value.ofType(Quantity)")
    ]


def test_slices_within_slices(with_definitions: MakeValidator) -> None:
    rows = [
        sliced("contact", ("value", "gender")),
        {"id": "contact:her", "min": 0, "max": "1"},
        {"id": "contact:her.gender", "min": 1, "fixedCode": "female"},
        {"id": "contact:her.telecom", "slicing": {"discriminator": [{"type": "value", "path": "system"}], "rules": "open"}},
        {"id": "contact:her.telecom:phone", "min": 1},
        {"id": "contact:her.telecom:phone.system", "min": 1, "fixedCode": "phone"},
    ]
    made = profile("Patient", rows)
    mail = {"telecom": [{"system": "email", "value": "a@b"}]}
    assert found(with_definitions, made, patient(contact=[{"gender": "male", **mail}])) == []
    assert sorted(found(with_definitions, made, patient(contact=[{"gender": "female", **mail}]))) == [("slice-min", "Patient.contact[0]")]


def test_a_re_slice_takes_the_elements_of_its_slice(with_definitions: MakeValidator) -> None:
    rows = by_system(
        {"id": "identifier:ipp/old", "min": 1, "max": "1"},
        {"id": "identifier:ipp/old.system", "min": 1, "fixedUri": IPP},
        {"id": "identifier:ipp/old.use", "min": 1, "fixedCode": "old"},
    )
    ipp = next(row for row in rows if row["id"] == "identifier:ipp")
    ipp["slicing"] = {"discriminator": [{"type": "value", "path": "use"}], "rules": "open"}
    made = profile("Patient", rows)
    good = patient(identifier=[*ids(INS), {"system": IPP, "use": "old", "value": "1"}])
    assert found(with_definitions, made, good) == []
    assert found(with_definitions, made, patient(identifier=ids(INS, IPP))) == [("slice-min", "Patient")]


USES = [
    sliced("name", ("value", "use"), ("exists", "period"), rules="closed"),
    {"id": "name:usual", "min": 0, "max": "1"},
    {"id": "name:usual.use", "min": 1, "fixedCode": "usual"},
    {"id": "name:other", "min": 1},
]
"""Of the first slice one discriminator says something; of the second none does."""
USUAL, OLD = {"use": "usual", "text": "x"}, {"use": "old", "text": "x"}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([USUAL, OLD], [("warning", "slicing-unchecked")]),
        ([USUAL, USUAL, OLD], [("error", "slice-max"), ("warning", "slicing-unchecked")]),
        ([USUAL], [("error", "slice-min")]),  # nothing is left that could be in the other slice
        ([], [("error", "slice-min")]),
    ],
)
def test_of_slices_that_nothing_tells_apart_the_rest_is_checked_and_that_is_said(
    with_definitions: MakeValidator, names: list[dict[str, Any]], expected: list[tuple[str, str]]
) -> None:
    made = profile("Patient", USES)
    issues = with_definitions([made]).validate(patient(**({"name": names} if names else {})), made["url"])
    assert sorted((str(issue.severity), str(issue.message_id)) for issue in issues) == expected


def test_re_slices_that_nothing_tells_apart_are_said_not_to_be_checked(with_definitions: MakeValidator) -> None:
    rows = by_system({"id": "identifier:ipp/old", "max": "1"}, {"id": "identifier:ipp/old.period", "min": 1})
    made = profile("Patient", rows)
    issues = with_definitions([made]).validate(patient(identifier=ids(INS, IPP)), made["url"])
    assert [(issue.severity, issue.message_id) for issue in issues] == [("warning", "slicing-unchecked")]


def test_re_slices_of_an_extension_have_one_url_which_tells_nothing(with_definitions: MakeValidator) -> None:
    use = {"type": [{"code": "Extension", "profile": [MINE + "kind"]}]}
    rows = [
        {"id": "contact.extension:kind", "min": 0, **use},
        {"id": "contact.extension:kind/a", "max": "1", **use},
        {"id": "contact.extension:kind/b", "max": "1", **use},
    ]
    made = profile("Patient", rows)
    contact = {"extension": [{"url": MINE + "kind", "valueCode": "a"}], "name": {"text": "x"}}
    issues = with_definitions([made, KIND]).validate(patient(contact=[contact]), made["url"])
    assert [(issue.severity, issue.message_id) for issue in issues] == [("warning", "slicing-unchecked")]


@pytest.mark.parametrize("turned", [list, lambda rows: [rows[0], *reversed(rows[1:])]], ids=["in order", "turned round"])
def test_the_rows_of_a_differential_mean_the_same_in_any_order(with_definitions: MakeValidator, turned: Callable[[Rows], Rows]) -> None:
    made = profile("Patient", turned(by_system(rules="closed")))
    assert found(with_definitions, made, patient(identifier=ids(INS, IPP))) == []
    assert found(with_definitions, made, patient(identifier=ids(INS, OTHER))) == [("slice-closed", "Patient.identifier[1]")]


def test_a_profile_describes_its_slices(with_definitions: MakeValidator) -> None:
    made = profile("Patient", by_system())
    lines = with_definitions([made]).profiles.profile(made["url"]).rule.describe("Patient")
    assert f'  Patient.identifier:ins occurs 1..1 where system is "{INS}"' in lines
