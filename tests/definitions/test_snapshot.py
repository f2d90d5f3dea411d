"""Differential -> snapshot, rule by rule (https://hl7.org/fhir/R4/profiling.html)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fhir_server.definitions.definitions import CORE, Definitions
from fhir_server.definitions.element_tree import Step, located, rows_of, tree_of
from fhir_server.definitions.snapshot import Snapshot, generate_snapshot

BASE = "http://hl7.org/fhir/StructureDefinition/"
OWN = "http://example.org/fhir/StructureDefinition/"

Row = dict[str, Any]
Make = Callable[..., Snapshot]


def profile(base: str, *rows: Row, name: str = "p", **more: Any) -> Row:
    given = {"resourceType": "StructureDefinition", "url": OWN + name, "baseDefinition": base if "://" in base else BASE + base}
    return given | {"type": base.rpartition("/")[2], "derivation": "constraint", "differential": {"element": list(rows)}} | more


@pytest.fixture(scope="module")
def make(definitions: Definitions) -> Make:
    """The snapshot of the rows on a base; `known` are further definitions."""

    def made(base: str, *rows: Row, known: tuple[Row, ...] = (), **more: Any) -> Snapshot:
        own = profile(base, *rows, **more)
        others = {one["url"]: one for one in (*known, own)}
        return generate_snapshot(own, lambda canonical: others.get(canonical) or definitions.resolve(canonical))

    return made


def rows(snapshot: Snapshot) -> dict[str, Row]:
    assert snapshot.issues == ()
    return {row["id"]: row for row in snapshot.elements}


def row(path: str, **said: Any) -> Row:
    return {"path": path} | said


def test_an_empty_differential_gives_the_snapshot_of_the_base(make: Make, definitions: Definitions):
    base = definitions.resolve(BASE + "Patient")
    assert base is not None
    assert make("Patient").elements == base["snapshot"]["element"]


def test_what_a_row_says_replaces_and_the_rest_stays(make: Make):
    found = rows(make("Patient", row("Patient.birthDate", min=1, mustSupport=True, short="When born")))["Patient.birthDate"]
    assert (found["min"], found["max"], found["mustSupport"], found["short"]) == (1, "1", True, "When born")
    assert found["base"] == {"path": "Patient.birthDate", "min": 0, "max": "1"}


def test_constraints_accumulate_and_one_of_the_same_key_replaces(make: Make):
    rules = [{"key": "own-1", "severity": "error", "human": "a"}, {"key": "ele-1", "severity": "error", "human": "b"}]
    found = rows(make("Patient", row("Patient.name", constraint=rules)))["Patient.name"]["constraint"]
    assert [(one["key"], one["human"] == "b") for one in found] == [("ele-1", True), ("own-1", False)]


def test_a_pattern_takes_the_place_of_a_fixed_value(make: Make):
    first = profile("Patient", row("Patient.gender", fixedCode="male"), name="first")
    found = rows(make(first["url"], row("Patient.gender", patternCode="male"), known=(first,), type="Patient"))["Patient.gender"]
    assert found["patternCode"] == "male"
    assert "fixedCode" not in found


@pytest.mark.parametrize(
    ("former", "said", "expected"),
    [("A.", "...B.", "A.\n\nB."), ("A.", "B.", "B.")],
)
def test_a_text_that_begins_with_dots_goes_on(make: Make, former: str, said: str, expected: str):
    first = profile("Patient", row("Patient.name", definition=former), name="first")
    found = rows(make(first["url"], row("Patient.name", definition=said), known=(first,), type="Patient"))
    assert found["Patient.name"]["definition"] == expected


def test_a_binding_keeps_the_value_set_where_only_the_strength_is_said(make: Make):
    found = rows(make("Patient", row("Patient.maritalStatus", binding={"strength": "required"})))["Patient.maritalStatus"]["binding"]
    assert found["strength"] == "required"
    assert found["valueSet"].startswith("http://hl7.org/fhir/ValueSet/marital-status")


def test_a_row_below_a_data_type_unfolds_it_with_the_base_of_the_type(make: Make):
    found = rows(make("Patient", row("Patient.identifier.system", min=1)))
    assert found["Patient.identifier.system"]["min"] == 1
    assert found["Patient.identifier.system"]["base"]["path"] == "Identifier.system"
    assert "Patient.identifier.period" in found
    assert "Patient.name.family" not in found


def test_a_row_below_a_type_profile_unfolds_the_profile(make: Make):
    family = profile("HumanName", row("HumanName.family", min=1), name="name")
    typed = row("Patient.name", type=[{"code": "HumanName", "profile": [family["url"]]}])
    found = rows(make("Patient", typed, row("Patient.name.given", min=1), known=(family,)))
    assert (found["Patient.name.family"]["min"], found["Patient.name.given"]["min"]) == (1, 1)


def test_a_content_reference_is_expanded_as_its_type_has_it_and_not_as_the_profile_does(make: Make):
    rule = row("Questionnaire.item.prefix", max="0")
    found = rows(make("Questionnaire", rule, row("Questionnaire.item.item.text", min=1)))
    assert found["Questionnaire.item.item.text"]["min"] == 1
    assert found["Questionnaire.item.item.prefix"]["max"] == "1"
    assert "contentReference" not in found["Questionnaire.item.item"]
    assert found["Questionnaire.item.item.item"]["contentReference"] == "#Questionnaire.item"


SLICED = row("Patient.identifier", slicing={"discriminator": [{"type": "value", "path": "system"}], "rules": "open"})
INS = row("Patient.identifier", sliceName="ins", max="1")


def test_a_slice_stands_behind_its_element_with_min_0_and_what_the_base_says(make: Make):
    found = rows(make("Patient", SLICED | {"min": 1}, INS, row("Patient.identifier.system", fixedUri="urn:ins")))
    ids = list(found)
    assert ids.index("Patient.identifier:ins") == ids.index("Patient.identifier") + 1
    ins = found["Patient.identifier:ins"]
    assert (ins["min"], ins["max"], ins["sliceName"], "slicing" in ins) == (0, "1", "ins", False)
    assert found["Patient.identifier:ins.system"]["fixedUri"] == "urn:ins"


def test_slices_of_a_derived_profile_come_behind_those_of_its_base(make: Make):
    first = profile("Patient", SLICED, INS, name="first")
    found = rows(make(first["url"], row("Patient.identifier", sliceName="mrn"), known=(first,), type="Patient"))
    assert [id_ for id_ in found if id_.startswith("Patient.identifier:")] == ["Patient.identifier:ins", "Patient.identifier:mrn"]


def test_a_slice_is_sliced_again(make: Make):
    again = INS | {"slicing": {"discriminator": [{"type": "value", "path": "use"}], "rules": "open"}}
    old, other = row("Patient.identifier", sliceName="ins/old", max="1"), row("Patient.identifier", sliceName="mrn")
    found = rows(make("Patient", SLICED, again, other, old))
    assert [id_ for id_ in found if ":" in id_] == ["Patient.identifier:ins", "Patient.identifier:ins/old", "Patient.identifier:mrn"]
    assert found["Patient.identifier:ins/old"]["max"] == "1"


def test_a_slice_of_a_slice_that_is_not_there_stands_behind_its_element(make: Make):
    found = rows(make("Patient", row("Patient.identifier", id="Patient.identifier:a/b", sliceName="a/b", min=1)))
    names = list(found)
    assert names[names.index("Patient.identifier:a/b") - 1].startswith("Patient.identifier")
    assert found["Patient.identifier:a/b"]["min"] == 1


def test_an_extension_is_sliced_by_its_url_without_being_told_and_has_the_max_of_its_definition(make: Make):
    extension = profile("Extension", row("Extension", max="1"), row("Extension.url", fixedUri=OWN + "e"), name="e")
    used = row("Patient.extension", sliceName="e", min=1, type=[{"code": "Extension", "profile": [OWN + "e"]}])
    found = rows(make("Patient", used, row("Patient.extension.value[x]", min=1), known=(extension,)))
    assert found["Patient.extension"]["slicing"]["discriminator"] == [{"type": "value", "path": "url"}]
    assert found["Patient.extension"]["min"] == 1
    assert found["Patient.extension:e"]["max"] == "1"
    assert found["Patient.extension:e.url"]["fixedUri"] == OWN + "e"
    assert found["Patient.extension:e.value[x]"]["min"] == 1


TYPED = [row("Observation.valueQuantity"), row("Observation.value[x]", sliceName="valueQuantity")]


@pytest.mark.parametrize("said", TYPED)
def test_a_slice_of_a_choice_has_the_type_it_is_named_for(make: Make, said: Row):
    found = rows(make("Observation", said, row(said["path"] + ".unit", min=1)))
    assert found["Observation.value[x]"]["slicing"]["discriminator"] == [{"type": "type", "path": "$this"}]
    assert [kind["code"] for kind in found["Observation.value[x]:valueQuantity"]["type"]] == ["Quantity"]
    assert found["Observation.value[x]:valueQuantity.unit"]["min"] == 1
    assert len(found["Observation.value[x]"]["type"]) > 1


def test_where_one_type_of_a_choice_is_required_no_other_is_left(make: Make):
    found = rows(make("Observation", row("Observation.valueQuantity", min=1)))["Observation.value[x]"]
    assert ([kind["code"] for kind in found["type"]], found["min"], found["slicing"]["rules"]) == (["Quantity"], 1, "closed")


def test_below_a_choice_of_one_type_its_typed_name_means_the_element_itself(make: Make):
    found = rows(make("Extension", row("Extension.value[x]", type=[{"code": "Quantity"}]), row("Extension.valueQuantity.unit", min=1)))
    assert found["Extension.value[x].unit"]["min"] == 1


def test_closed_slicing_is_not_opened_again(make: Make):
    closed = SLICED | {"slicing": SLICED["slicing"] | {"rules": "closed"}}
    first = profile("Patient", closed, INS, name="first")
    assert rows(make(first["url"], SLICED, known=(first,), type="Patient"))["Patient.identifier"]["slicing"]["rules"] == "closed"


def test_a_base_without_a_snapshot_gets_one_first(make: Make):
    first = profile("Patient", row("Patient.name", min=1), name="first")
    second = profile(first["url"], row("Patient.gender", min=1), name="second", type="Patient")
    found = rows(make(second["url"], row("Patient.birthDate", min=1), known=(first, second), type="Patient"))
    assert [found[f"Patient.{name}"]["min"] for name in ("name", "gender", "birthDate")] == [1, 1, 1]


def test_a_logical_model_defines_its_own_elements(make: Make):
    own = (row("Model", short="m"), row("Model.part", min=0, max="*", type=[{"code": "Base"}]), row("Model.part.text", min=1, max="1"))
    made = make("Base", *own, type="http://example.org/Model", derivation="specialization")
    found = rows(made)
    assert list(found) == ["Model", "Model.part", "Model.part.text"]
    assert found["Model.part.text"]["base"] == {"path": "Model.part.text", "min": 1, "max": "1"}


def test_an_extension_that_holds_itself_comes_to_an_end(make: Make):
    inner = row("Extension.extension", sliceName="self", type=[{"code": "Extension", "profile": [OWN + "p"]}])
    found = rows(make("Extension", inner, row("Extension.extension.extension", max="0")))
    assert found["Extension.extension:self.extension"]["max"] == "0"


CHOICE = "Patient.deceased[x]"
FAULTS: list[tuple[str, str, list[Row], str, str]] = [
    ("min above max", "Patient", [row("Patient.name", min=2, max="1")], "snapshot-min-max", "Patient.name"),
    ("min below the base's", "Observation", [row("Observation.code", min=0)], "snapshot-min", "Observation.code"),
    ("max above the base's", "Patient", [row("Patient.birthDate", max="*")], "snapshot-max", "Patient.birthDate"),
    ("a type that is not allowed", "Patient", [row(CHOICE, type=[{"code": "string"}])], "snapshot-type", CHOICE),
    ("a value of another type", "Patient", [row("Patient.gender", patternString="x")], "snapshot-value-type", "Patient.gender"),
    ("an unknown element", "Patient", [row("Patient.nickname", min=1)], "snapshot-element", "Patient.nickname"),
    ("another type's element", "Patient", [row("Person.name", min=1)], "snapshot-element", "Person.name"),
    ("two rows for one element", "Patient", [row("Patient.name"), row("Patient.name", min=1)], "snapshot-twice", "Patient.name"),
    (
        "slices that need more room than there is", "Patient",
        [SLICED | {"max": "1"}, INS | {"min": 1}, row("Patient.identifier", sliceName="b", min=1)],
        "snapshot-slices-min", "Patient.identifier",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("what", "base", "said", "message_id", "place"), FAULTS, ids=[one[0] for one in FAULTS])
def test_a_profile_that_contradicts_its_base_or_itself_is_told_with_its_element(make: Make, what, base, said, message_id, place):
    made = make(base, *said)
    (issue,) = made.issues
    assert (issue.severity, issue.message_id, issue.expression) == ("error", message_id, place)
    assert issue.source == OWN + "p"
    assert made.elements


@pytest.mark.parametrize(
    ("base", "message_id"),
    [
        (OWN + "nowhere", "snapshot-base-missing"),
        (OWN + "p", "snapshot-base-circular"),
        (None, "snapshot-base-unnamed"),
        (True, "snapshot-base-unnamed"),
    ],
)
def test_without_a_usable_base_there_is_no_snapshot_and_the_issue_says_why(make: Make, base: object, message_id: str):
    made = make("Patient", row("Patient.name", min=1), baseDefinition=base)
    assert made.elements == []
    assert made.fatal is not None
    assert made.fatal.message_id == message_id


def test_a_type_profile_that_cannot_be_used_is_passed_over_for_its_type(make: Make):
    lost = profile(OWN + "nowhere", name="lost", type="HumanName")
    typed = row("Patient.name", type=[{"code": "HumanName", "profile": [lost["url"]]}])
    assert rows(make("Patient", typed, row("Patient.name.family", min=1), known=(lost,)))["Patient.name.family"]["min"] == 1


def test_two_profiles_based_on_each_other_are_named_both(make: Make):
    other = profile(OWN + "p", name="other")
    made = make(OWN + "other", known=(other,))
    assert made.fatal is not None
    assert OWN + "p" in made.fatal.diagnostics
    assert OWN + "other" in made.fatal.diagnostics


def test_a_chain_of_bases_without_end_is_given_up(definitions: Definitions):
    def endless(canonical: str) -> Row:
        return profile(canonical + "-", url=canonical, type="Patient")

    made = generate_snapshot(profile(OWN + "a-", type="Patient"), endless)
    assert made.fatal is not None
    assert made.fatal.message_id == "snapshot-base-depth"


BROKEN = [{}, {"path": None}, {"path": 3}, {"path": "Patient.name", "min": "x"}, {"path": "Patient.name", "type": 5}]


@pytest.mark.parametrize("broken", BROKEN)
def test_a_differential_that_cannot_be_read_is_an_issue_and_no_failure(make: Make, broken: Row):
    made = make("Patient", broken)
    assert made.fatal is not None
    assert made.fatal.message_id == "snapshot-differential"


def test_a_base_whose_snapshot_is_broken_is_named(make: Make):
    base = profile("Patient", name="broken", snapshot={"element": [{"path": "Patient"}, {"path": "Patient.a.b"}]})
    made = make(base["url"], known=(base,))
    assert made.fatal is not None
    assert OWN + "broken" in made.fatal.diagnostics


def test_rows_without_ids_lie_below_the_slice_before_them():
    found = [steps for steps, _ in located([row("A"), row("A.b", sliceName="s"), row("A.b.c"), row("A.b"), row("A.b.c")])]
    assert found[2] == [Step("A"), Step("b", "s"), Step("c")]
    assert found[4] == [Step("A"), Step("b"), Step("c")]


@settings(max_examples=25, deadline=None)
@given(name=st.sampled_from(["Patient", "Observation", "Bundle", "Questionnaire", "Timing", "Extension", "bp", "lipidprofile"]))
def test_a_tree_written_as_rows_is_the_snapshot_it_was_read_from(definitions: Definitions, name: str):
    elements = (definitions.resolve(BASE + name) or {})["snapshot"]["element"]
    assert rows_of(tree_of(elements)) == elements


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_making_a_snapshot_twice_changes_nothing_and_touches_nothing(make: Make, definitions: Definitions, data: st.DataObject):
    assert CORE
    paths = [one["path"] for one in (definitions.resolve(BASE + "Patient") or {})["snapshot"]["element"][1:]]
    chosen = sorted(data.draw(st.sets(st.sampled_from(paths), max_size=6)), key=paths.index)
    said = [row(path, mustSupport=True) for path in chosen]
    first = make("Patient", *said)
    again = make(OWN + "p", *said, name="q", type="Patient", known=(profile("Patient", *said, snapshot={"element": first.elements}),))
    assert again.elements == first.elements
