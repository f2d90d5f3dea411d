"""Modular forms (https://hl7.org/fhir/uv/sdc/STU4/modular.html)."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fhir_server.model.issue import FhirError
from fhir_server.model.schema import Schema
from fhir_server.questionnaires.assemble import assembled
from tests.questionnaires.forms import CORE, SDC, expression, form, question

Item = dict[str, Any]
Resolve = Callable[[str], Item | None]


def module(name: str, *items: Item, **more: Any) -> Item:
    return {**form(*items, **more), "url": f"https://example.org/{name}"}


def stands_for(name: str, link_id: str = "in") -> Item:
    sub = {"url": SDC + "subQuestionnaire", "valueCanonical": f"https://example.org/{name}"}
    return question(link_id, "display", text="not there", extension=[sub])


def variable(name: str, text: str) -> Item:
    return expression(CORE + "variable", text, name=name)


def known(*forms: Item) -> Resolve:
    by_url = {one["url"]: one for one in forms}
    return lambda canonical: by_url.get(canonical.partition("|")[0])


def whole(root: Item, schema: Schema, *forms: Item) -> Item:
    return assembled(root, known(*forms), schema).questionnaire


def refused(root: Item, schema: Schema, *forms: Item) -> list[str]:
    with pytest.raises(FhirError) as caught:
        assembled(root, known(*forms), schema)
    return [issue.diagnostics for issue in caught.value.issues]


def link_ids(holder: Item) -> list[Any]:
    """Of all items, nested as they are."""
    return [[one["linkId"], *link_ids(one)] for one in holder.get("item", ())]


def test_the_items_of_a_module_stand_where_the_item_stood_that_names_it(schema: Schema) -> None:
    root = form(question("a"), question("g", "group", question("b"), stands_for("m"), question("c")), id="r", text={"status": "empty"})
    made = whole(root, schema, module("m", question("m1", "group", question("m11")), question("m2"), version="2.0"))
    assert link_ids(made) == [["a"], ["g", ["b"], ["m1", ["m11"]], ["m2"], ["c"]]]
    assert made["extension"] == [{"url": SDC + "assembledFrom", "valueCanonical": "https://example.org/m|2.0"}]
    assert {"id", "text"} & made.keys() == set()


def test_modules_have_modules(schema: Schema) -> None:
    made = whole(form(stands_for("m")), schema, module("m", question("m1"), stands_for("n")), module("n", question("n1")))
    assert link_ids(made) == [["m1"], ["n1"]]
    assert [one["valueCanonical"] for one in made["extension"]] == ["https://example.org/m", "https://example.org/n"]


def test_a_prefix_keeps_modules_apart(schema: Schema) -> None:
    asks = question("2", answerValueSet="#vs", enableWhen=[{"question": "1", "operator": "exists", "answerBoolean": True}])
    name = module("name", question("1"), asks, contained=[{"resourceType": "ValueSet", "id": "vs"}])
    contact = module("contact", question("1", "group", stands_for("name"), extension=[variable("linkIdPrefix", "%linkIdPrefix + 'name.'")]))
    root = form(
        question("p", "group", stands_for("name"), extension=[variable("linkIdPrefix", "'patient.'")]),
        question("c", "group", stands_for("contact"), extension=[variable("linkIdPrefix", "'contact.'")]),
    )
    made = whole(root, schema, name, contact)
    assert link_ids(made) == [
        ["p", ["patient.1"], ["patient.2"]], ["c", ["contact.1", ["contact.name.1"], ["contact.name.2"]]],
    ]  # fmt: skip
    second = made["item"][0]["item"][1]
    assert (second["answerValueSet"], second["enableWhen"][0]["question"]) == ("#patient.vs", "patient.1")
    assert [one["id"] for one in made["contained"]] == ["patient.vs", "contact.name.vs"]


def test_what_a_module_says_of_itself_goes_to_the_root_or_to_the_item_it_stands_in(schema: Schema) -> None:
    launch = {"url": SDC + "launchContext", "extension": [{"url": "name", "valueCoding": {"code": "patient"}}]}
    library = {"url": CORE + "cqf-library", "valueCanonical": "https://example.org/l"}
    constraint = {"url": CORE + "targetConstraint", "extension": [{"url": "key", "valueId": "k"}]}
    title = {"url": CORE + "title", "valueString": "left behind"}
    m = module("m", question("m1"), extension=[launch, library, constraint, title, variable("v", "1")], title="left behind")
    root = form(question("g", "group", stands_for("m")), extension=[launch])
    made = whole(root, schema, m)
    assert [one["url"] for one in made["extension"]] == [launch["url"], library["url"], SDC + "assembledFrom"]
    assert made["item"][0]["extension"] == [constraint, variable("v", "1")]
    assert "left behind" not in str(made)


def test_a_module_taken_in_twice_is_contained_once(schema: Schema) -> None:
    m = module("m", question("1"), contained=[{"resourceType": "ValueSet", "id": "vs"}])
    groups = [question(one, "group", stands_for("m", f"{one}-in"), extension=[variable("linkIdPrefix", f"'{one}.'")]) for one in ("a", "b")]
    assert [one["id"] for one in whole(form(*groups), schema, m)["contained"]] == ["a.vs", "b.vs"]
    assert len(whole(form(question("a", "group", stands_for("m"))), schema, m)["contained"]) == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("assemble-root", None), ("assemble-root-or-child", "independent-root-or-child"), ("assemble-child", "independent-child"),
    ],
)  # fmt: skip
def test_nothing_more_is_expected_of_an_assembled_form(before: str, after: str | None, schema: Schema) -> None:
    expects = {"url": SDC + "assemble-expectation", "valueCode": before}
    meta = {"versionId": "3", "profile": [SDC + "modular"], "tag": [{"code": "x"}]}
    made = whole(form(question("a"), extension=[expects], meta=meta), schema)
    assert [one["valueCode"] for one in made.get("extension", ())] == ([after] if after else [])
    assert made["meta"] == {"profile": [SDC.removesuffix("-")], "tag": [{"code": "x"}]}


ROOT_ONLY = {"url": SDC + "assemble-expectation", "valueCode": "assemble-root"}
NEEDY = module("m", question("1"), extension=[{"url": SDC + "assembleContext", "valueString": "person"}])


def test_a_module_finds_the_names_that_it_needs(schema: Schema) -> None:
    for says in (variable("person", "%patient"), expression(SDC + "itemPopulationContext", "%patient.contact", name="person")):
        assert whole(form(question("g", "group", stands_for("m"), extension=[says])), schema, NEEDY)["item"]
    assert "needs %person where it is taken in" in refused(form(stands_for("m")), schema, NEEDY)[0]


@pytest.mark.parametrize(
    ("root", "forms", "says"),
    [
        (form(stands_for("m")), [], "The form https://example.org/m is not here"),
        (form(stands_for("m")), [module("m", stands_for("n")), module("n", stands_for("m"))], "/q > https://example.org/m > "),
        (module("m", stands_for("m")), [module("m", stands_for("m"))], "would contain itself"),
        (form(question("1"), stands_for("m")), [module("m", question("1"))], "more than once: 1. Set a linkIdPrefix"),
        (form(stands_for("m"), language="fr"), [module("m", question("1"), language="en")], "in the language en, the form in fr"),
        (form(stands_for("m")), [module("m", question("1"), implicitRules="https://example.org")], "implicitRules"),
        (form(stands_for("m")), [module("m", extension=[ROOT_ONLY])], "assemble-root"),
        (form(stands_for("m") | {"type": "group"}), [module("m")], "Only an item of the type display"),
        (form(stands_for("m"), extension=[variable("v", "2")]), [module("m", extension=[variable("v", "1")])], "Two variables are named v"),
        (form(stands_for("m", "x"), stands_for("n", "y")),
         [module(one, extension=[expression(SDC + "itemPopulationContext", one)]) for one in "mn"], "two itemPopulationContext"),
        (form(question("a"), extension=[variable("linkIdPrefix", "%nobody")]), [], "cannot be told"),
        (form(stands_for("m"), contained=[{"resourceType": "ValueSet", "id": "v"}]),
         [module("m", contained=[{"resourceType": "CodeSystem", "id": "v"}])], "contained as v"),
    ],
)  # fmt: skip
def test_what_cannot_be_assembled_is_refused_with_what_to_do(root: Item, forms: list[Item], says: str, schema: Schema) -> None:
    assert any(says in one for one in refused(root, schema, *forms)), refused(root, schema, *forms)


# by definition


ELEMENTS: Item = {
    "resourceType": "StructureDefinition", "url": "https://example.org/elements", "type": "Elements",
    "snapshot": {"element": [
        {"id": "Elements", "path": "Elements", "min": 0, "max": "*"},
        {"id": "Elements.sex", "path": "Elements.sex", "min": 1, "max": "*", "label": "Sexe ?", "type": [{"code": "code"}],
         "code": [{"code": "s"}], "binding": {"strength": "required", "valueSet": "https://example.org/vs"}},
        {"id": "Elements.birth", "path": "Elements.birth", "min": 0, "max": "1", "short": "Naissance", "type": [{"code": "date"}],
         "maxLength": 10, "minValueDate": "1900-01-01", "extension": [{"url": "https://example.org/e", "valueBoolean": True}]},
    ]},
}  # fmt: skip


def defined(link_id: str, element: str, **more: Any) -> Item:
    return {"linkId": link_id, "definition": f"https://example.org/elements#{element}", **more}


def test_an_item_without_a_text_takes_what_its_element_says(schema: Schema) -> None:
    made = whole(form(defined("1", "Elements.sex"), defined("2", "Elements.birth", type="date", maxLength=4)), schema, ELEMENTS)
    assert made["item"] == [
        defined("1", "Elements.sex", code=[{"code": "s"}], text="Sexe ?", type="choice", required=True, repeats=True, answerValueSet="https://example.org/vs"),
        defined("2", "Elements.birth", text="Naissance", type="date", maxLength=4,
                extension=[{"url": "https://example.org/e", "valueBoolean": True}, {"url": CORE + "minValue", "valueDate": "1900-01-01"}]),
    ]  # fmt: skip


def test_an_item_with_a_text_is_asked_as_it_is_written(schema: Schema) -> None:
    item = defined("1", "Elements.sex", type="choice", text="Sex?")
    assert whole(form(item), schema, ELEMENTS)["item"] == [item]
    assert whole(form(item), schema)["item"] == [item]


def test_definitions_may_be_kept_out_of_it(schema: Schema) -> None:
    item = defined("1", "Elements.sex", type="choice")
    for root in ({"valueBoolean": False}, {"valueUri": "https://elsewhere.org"}):
        assert whole(form(item, extension=[{"url": SDC + "assembleDefinitionRoot", **root}]), schema)["item"] == [item]


def test_an_item_may_be_taken_from_another_form(schema: Schema) -> None:
    library = module(
        "library", question("name", "string", text="Nom ?", answerValueSet="#v"), contained=[{"resourceType": "ValueSet", "id": "v"}]
    )
    made = whole(form({"linkId": "1", "definition": "https://example.org/library#name", "required": True}), schema, library)
    assert made["item"][0] | {"definition": ""} == {
        "linkId": "1", "type": "string", "text": "Nom ?", "answerValueSet": "#v", "required": True, "definition": "",
    }  # fmt: skip
    assert made["contained"] == [{"resourceType": "ValueSet", "id": "v"}]


@pytest.mark.parametrize(
    ("item", "says"),
    [
        (defined("1", "Elements.none", type="string"), "has no element Elements.none"),
        ({"linkId": "1", "definition": "https://example.org/none#a", "type": "string"}, "is not here, and the item has no text"),
        ({"linkId": "1", "definition": "https://example.org/q2#none", "type": "string"}, "has no item none"),
    ],
)
def test_a_definition_that_is_needed_and_not_there_is_an_error(item: Item, says: str, schema: Schema) -> None:
    assert says in refused(form(item), schema, ELEMENTS, module("q2"))[0]


@pytest.mark.conformance
def test_the_guides_modular_example(schema: Schema, test_data: Path) -> None:
    """Its assembled form, but for a prefix that it shows otherwise, and questions that are made of an address' elements."""
    with tarfile.open(test_data / "fhir-packages" / "hl7.fhir.uv.sdc-4.0.0.tgz") as archive:

        def read(name: str) -> Item:
            return dict(json.load(archive.extractfile(f"package/{name}.json")))  # type: ignore[arg-type]

        modules = [read(f"example/Questionnaire-sdc-modular-{one}") for one in ("name", "contact")]
        elements = read("StructureDefinition-SdcQuestionLibrary")
        root = read("example/Questionnaire-sdc-modular-root")
    root["item"][4]["extension"][1]["valueExpression"]["expression"] = "'patientcontact.'"
    made = whole(root, schema, *modules, elements)
    assert link_ids(made) == [
        ["1", ["patientname.1"], ["patientname.2"], ["patientname.3"]], ["2"], ["3"], ["4", ["4.1"]],
        ["5", ["patientcontact.1", ["patientcontact.name.1"], ["patientcontact.name.2"], ["patientcontact.name.3"]], ["patientcontact.2"]],
    ]  # fmt: skip
    assert [one.get("text") for one in made["item"][:2]] == ["What is the person's official name?", "What is this person's date of birth?"]
    assert (made["item"][2]["type"], made["item"][2]["answerValueSet"]) == ("choice", "http://hl7.org/fhir/ValueSet/administrative-gender")
