"""$expand, $validate-code, $lookup, $subsumes and $translate over HTTP (https://hl7.org/fhir/R4/terminology-service.html)."""

from __future__ import annotations

import pytest

COLOURS = "http://example.org/colours"
SHADES = {
    "resourceType": "CodeSystem", "id": "colours", "url": COLOURS, "version": "2", "name": "Colours", "status": "active",
    "content": "complete", "caseSensitive": True,
    "property": [{"code": "wave", "type": "integer", "description": "nm"}, {"code": "notSelectable", "type": "boolean"}],
    "concept": [
        {
            "code": "colour", "display": "Colour", "property": [{"code": "notSelectable", "valueBoolean": True}],
            "concept": [
                {
                    "code": "red", "display": "Red", "definition": "Of long waves.",
                    "designation": [{"language": "fr-FR", "value": "Rouge"}], "property": [{"code": "wave", "valueInteger": 680}],
                    "concept": [{"code": "crimson", "display": "Crimson"}],
                },
                {"code": "blue", "display": "Blue", "designation": [{"language": "fr", "value": "Bleu pâle"}]},
                {"code": "mauve", "display": "Mauve", "property": [{"code": "inactive", "valueBoolean": True}]},
            ],
        }
    ],
}  # fmt: skip
ALL = {
    "resourceType": "ValueSet", "id": "all", "url": "http://example.org/all", "status": "active",
    "compose": {"include": [{"system": COLOURS}]},
}  # fmt: skip
WARM = {
    "resourceType": "ValueSet", "id": "warm", "url": "http://example.org/warm", "status": "active", "name": "Warm",
    "compose": {"include": [{"system": COLOURS, "filter": [{"property": "concept", "op": "is-a", "value": "red"}]}]},
}  # fmt: skip
PAINTS = "http://example.org/paints"
PAINT_MAP = {
    "resourceType": "ConceptMap", "id": "paint", "url": "http://example.org/paint-map", "status": "active",
    "sourceUri": "http://example.org/all", "targetUri": "http://example.org/paint-set",
    "group": [{
        "source": COLOURS, "target": PAINTS,
        "element": [
            {"code": "red", "target": [{"code": "vermilion", "display": "Vermilion", "equivalence": "narrower"}]},
            {"code": "crimson", "target": [
                {"code": "lake", "equivalence": "equivalent",
                 "dependsOn": [{"property": "http://example.org/base", "value": "oil"}],
                 "product": [{"property": "http://example.org/tube", "value": "small"}]},
            ]},
            {"code": "mauve", "target": [{"equivalence": "unmatched"}]},
        ],
        "unmapped": {"mode": "other-map", "url": "http://example.org/paint-rest"},
    }],
}  # fmt: skip
PAINT_REST = {
    "resourceType": "ConceptMap", "id": "rest", "url": "http://example.org/paint-rest", "status": "active",
    "group": [{"source": COLOURS, "target": PAINTS, "unmapped": {"mode": "fixed", "code": "grey", "display": "Grey"}}],
}  # fmt: skip


@pytest.fixture
def server(client):
    for resource in (SHADES, ALL, WARM, PAINT_MAP, PAINT_REST):
        assert client.put(f"/{resource['resourceType']}/{resource['id']}", resource).status_code == 201
    return client


@pytest.fixture(autouse=True)
def _own_definitions(definitions, interactions, monkeypatch):
    """What a test stores counts for that test only, as on a server whose interactions feed its definitions."""
    from fhir_server.definitions.stored import StoredConformance
    from fhir_server.interactions.conformance import ConformanceFeed

    fresh = StoredConformance()
    fresh.generation = definitions.stored.generation + 1000
    monkeypatch.setattr(definitions, "stored", fresh)
    monkeypatch.setattr(interactions, "_conformance", ConformanceFeed(definitions))


def parameters(**named):
    return {"resourceType": "Parameters", "parameter": [part(name, value) for name, value in named.items()]}


def part(name, value):
    if isinstance(value, dict) and "resourceType" in value:
        return {"name": name, "resource": value}
    kind = {bool: "Boolean", int: "Integer", str: "String"}.get(
        type(value), "Coding" if isinstance(value, dict) and "code" in value else "CodeableConcept"
    )
    return {"name": name, f"value{kind}": value}


def codes(answer):
    assert answer.status_code == 200, answer.text
    return [one["code"] for one in answer.json()["expansion"].get("contains", ())]


def named(answer):
    assert answer.status_code == 200, answer.text
    return {one["name"]: next((one[key] for key in one if key.startswith("value")), one.get("part")) for one in answer.json()["parameter"]}


EXPANDED = [
    ("/ValueSet/all/$expand", ["colour", "red", "crimson", "blue", "mauve"]),
    ("/ValueSet/$expand?url=http://example.org/warm", ["red", "crimson"]),
    ("/ValueSet/all/$expand?activeOnly=true", ["colour", "red", "crimson", "blue"]),
    ("/ValueSet/all/$expand?excludeNotForUI=true", ["red", "crimson", "blue", "mauve"]),
    ("/ValueSet/all/$expand?offset=1&count=2", ["red", "crimson"]),
    ("/ValueSet/all/$expand?count=0", []),
    ("/ValueSet/all/$expand?offset=99", []),
    ("/ValueSet/all/$expand?filter=cri", ["crimson"]),
    ("/ValueSet/all/$expand?filter=PALE bl", ["blue"]),
    ("/ValueSet/all/$expand?filter=rimson", []),
    ("/ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender", ["male", "female", "other", "unknown"]),
]


@pytest.mark.parametrize(("path", "expected"), EXPANDED)
def test_the_codes_of_a_value_set_are_listed_in_order(server, path, expected):
    assert codes(server.get(path)) == expected


def test_an_expansion_says_what_it_was_made_of_and_is_valid(server, validator):
    answer = server.get("/ValueSet/all/$expand?count=2&displayLanguage=fr&includeDesignations=true").json()
    expansion = answer["expansion"]
    assert expansion["total"] == 5
    assert {one["name"]: one for one in expansion["parameter"]}["version"]["valueUri"] == f"{COLOURS}|2"
    assert [one.get("display") for one in expansion["contains"]] == ["Colour", "Rouge"]
    assert expansion["contains"][0]["abstract"] is True
    assert expansion["contains"][1]["designation"] == SHADES["concept"][0]["concept"][0]["designation"]
    assert "compose" not in answer
    assert [one for one in validator.validate(answer) if one.is_error] == []


def test_the_definition_comes_where_it_is_asked(server):
    assert server.get("/ValueSet/all/$expand?includeDefinition=true").json()["compose"] == ALL["compose"]


def test_a_nested_expansion_has_codes_below_those_that_include_them(server):
    (colour,) = server.get("/ValueSet/all/$expand?excludeNested=false").json()["expansion"]["contains"]
    assert [one["code"] for one in colour["contains"]] == ["red", "blue", "mauve"]
    assert [one["code"] for one in colour["contains"][0]["contains"]] == ["crimson"]


def test_a_value_set_may_come_with_the_question(server):
    inline = {
        "resourceType": "ValueSet",
        "status": "active",
        "compose": {"include": [{"system": COLOURS, "concept": [{"code": "blue", "display": "Azure"}]}]},
    }
    answer = server.post("/ValueSet/$expand", parameters(valueSet=inline, count=5))
    assert answer.json()["expansion"]["contains"] == [{"system": COLOURS, "code": "blue", "display": "Azure"}]
    assert codes(server.post("/ValueSet/$expand?count=5", inline)) == ["blue"]


BOMB = {"resourceType": "ValueSet", "status": "active", "compose": {"include": [{"system": COLOURS}] * 300}}
REGEX = {
    "resourceType": "ValueSet", "status": "active",
    "compose": {"include": [{"system": COLOURS, "filter": [{"property": "display", "op": "regex", "value": "(a+)+$"}]}]},
}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/ValueSet/$expand", None, 400, "required"),
        ("/ValueSet/$expand?url=http://example.org/nothing", None, 404, "not-found"),
        ("/ValueSet/all/$expand?url=http://example.org/warm", None, 400, "required"),
        ("/ValueSet/nothing/$expand", None, 404, "not-found"),
        ("/ValueSet/all/$expand?count=-1", None, 400, "value"),
        ("/ValueSet/all/$expand?count=x", None, 400, "value"),
        ("/ValueSet/all/$expand?shoe=1", None, 400, "not-supported"),
        ("/ValueSet/all/$expand?date=2020", None, 400, "not-supported"),
        ("/ValueSet/all/$expand?filter=a&filter=b", None, 400, "value"),
        ("/ValueSet/all/$expand?activeOnly=perhaps", None, 400, "value"),
        ("/ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/observation-codes", None, 422, "not-found"),
        ("/ValueSet/$expand", BOMB, 413, "too-costly"),
        ("/ValueSet/$expand", REGEX, 422, "too-costly"),
        ("/ValueSet/$expand", {"resourceType": "Patient"}, 400, "structure"),
        ("/ValueSet/$expand", {"resourceType": "Parameters", "parameter": [7]}, 400, "structure"),
        ("/ValueSet/$expand", {"resourceType": "Parameters", "parameter": [{"name": "url"}]}, 400, "required"),
        ("/ValueSet/$expand", {"resourceType": "ValueSet", "compose": {"include": [7]}}, 422, "structure"),
        ("/ValueSet/$expand", {"resourceType": "ValueSet", "compose": {"include": [{"system": COLOURS, "filter": [7]}]}}, 422, "structure"),
        ("/ValueSet/$expand", {"resourceType": "ValueSet", "compose": {"include": [{"system": {}, "concept": "x"}]}}, 422, "structure"),
    ],
)
def test_what_cannot_be_expanded_is_refused_with_the_reason(server, issue_of, path, body, status, code):
    answer = server.get(path) if body is None else server.post(path, body)
    assert answer.status_code == status, answer.text
    assert issue_of(answer)["code"] == code


def test_too_many_codes_are_refused_unless_asked_in_pages(server, issue_of, monkeypatch):
    monkeypatch.setattr("fhir_server.operations.expand.MAX_CODES", 3)
    refused = server.get("/ValueSet/all/$expand")
    assert (refused.status_code, issue_of(refused)["code"]) == (422, "too-costly")
    assert "count" in issue_of(refused)["diagnostics"]
    assert codes(server.get("/ValueSet/all/$expand?offset=3&count=3")) == ["blue", "mauve"]


IN_SET, IN_SYSTEM = "/ValueSet/warm/$validate-code", "/CodeSystem/$validate-code"
RED = {"system": COLOURS, "code": "red"}
BLUE = {"system": COLOURS, "code": "blue"}


@pytest.mark.parametrize(
    ("path", "asked", "right", "says"),
    [
        (f"{IN_SET}?system={COLOURS}&code=crimson", None, True, ""),
        (f"/ValueSet/$validate-code?url=http://example.org/warm&system={COLOURS}&code=red&display=Rouge", None, True, ""),
        (f"{IN_SET}?system={COLOURS}&code=red&display=Green", None, False, "'Red'"),
        (f"{IN_SET}?system={COLOURS}&code=blue", None, False, "is not in the value set"),
        (f"{IN_SET}?system={COLOURS}&code=shoe", None, False, "shoe"),
        (IN_SET, {"coding": RED}, True, ""),
        (IN_SET, {"codeableConcept": {"coding": [BLUE, RED]}}, True, "blue"),
        (IN_SET, {"codeableConcept": {"coding": [BLUE]}}, False, "blue"),
        ("/ValueSet/all/$validate-code", {"coding": RED | {"code": "colour"}, "abstract": False}, False, "abstract"),
        ("/ValueSet/all/$validate-code", {"coding": RED | {"code": "colour"}, "abstract": True}, True, ""),
        ("/ValueSet/$validate-code", {"valueSet": WARM, "coding": RED}, True, ""),
        ("/ValueSet/$validate-code?url=http://hl7.org/fhir/ValueSet/observation-codes&system=http://loinc.org&code=8480-6",
         None, False, "cannot be checked"),
        (f"{IN_SYSTEM}?url={COLOURS}&code=blue", None, True, ""),
        (f"{IN_SYSTEM}?url={COLOURS}&code=shoe", None, False, "has no code"),
        (f"{IN_SYSTEM}?url={COLOURS}&code=blue&display=Bleu  PÂLE", None, True, ""),
        (f"{IN_SYSTEM}?url={COLOURS}&code=blue&version=7", None, False, "7"),
        ("/CodeSystem/colours/$validate-code?code=blue", None, True, ""),
        (IN_SYSTEM, {"url": COLOURS, "coding": {"system": PAINTS, "code": "red"}}, False, "not"),
        (IN_SYSTEM, {"codeSystem": SHADES, "code": "red"}, True, ""),
        (f"{IN_SYSTEM}?url=http://unitsofmeasure.org&code=mg/dL", None, True, ""),
    ],
)  # fmt: skip
def test_a_code_is_judged_with_the_reason(server, path, asked, right, says):
    found = named(server.get(path) if asked is None else server.post(path, parameters(**asked)))
    assert found["result"] is right, found
    assert says in found.get("message", "")
    assert right or found["message"]


def test_the_right_display_is_told_in_the_language_asked(server):
    assert named(server.get(f"{IN_SET}?system={COLOURS}&code=red&displayLanguage=fr"))["display"] == "Rouge"


def test_the_reason_is_french_for_who_reads_french(server):
    answer = server.get(f"{IN_SET}?system={COLOURS}&code=red&display=Green", accept_language="fr")
    assert "ne s’appelle pas" in named(answer)["message"]


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        (f"{IN_SET}?code=red", None),
        (IN_SET, {}),
        (IN_SET, {"coding": RED, "code": "red"}),
        (IN_SET, {"codeableConcept": {"text": "red"}}),
        (IN_SET, {"coding": {"code": 7}}),
        (f"{IN_SYSTEM}?code=red", None),
        ("/CodeSystem/$lookup?code=red", None),
        ("/CodeSystem/$lookup", {"coding": {"code": "red"}}),
        (f"/CodeSystem/$subsumes?system={COLOURS}&codeA=red", None),
        ("/CodeSystem/$subsumes?codeA=red&codeB=blue", None),
        ("/ConceptMap/$translate?code=red", None),
        (f"/ConceptMap/$translate?code=red&system={COLOURS}", None),
        ("/ConceptMap/$translate", {"url": "http://example.org/paint-map"}),
    ],
)
def test_a_question_that_lacks_something_says_what(server, issue_of, path, asked):
    answer = server.get(path) if asked is None else server.post(path, parameters(**asked))
    assert answer.status_code == 400, answer.text
    assert issue_of(answer)["diagnostics"]


def properties(answer):
    parts = [{one["name"]: one for one in found["part"]} for found in answer.json()["parameter"] if found["name"] == "property"]
    return [(one["code"]["valueCode"], next(value for key, value in one["value"].items() if key != "name")) for one in parts]


def test_a_code_is_looked_up_with_all_that_is_known(server):
    answer = server.get(f"/CodeSystem/$lookup?system={COLOURS}&code=red")
    found = named(answer)
    assert (found["name"], found["version"], found["display"]) == ("Colours", "2", "Red")
    assert {one["name"]: one for one in found["designation"]}["value"]["valueString"] == "Rouge"
    expected = [("definition", "Of long waves."), ("inactive", False), ("wave", 680), ("parent", "colour"), ("child", "crimson")]
    assert properties(answer) == expected
    assert named(server.post("/CodeSystem/$lookup", parameters(coding=RED, displayLanguage="fr")))["display"] == "Rouge"


def test_only_the_properties_that_are_asked_come(server):
    assert properties(server.get(f"/CodeSystem/$lookup?system={COLOURS}&code=red&property=wave&property=display")) == [("wave", 680)]


def test_a_unit_is_called_as_it_is_written(server):
    assert named(server.get("/CodeSystem/$lookup?system=http://unitsofmeasure.org&code=mg/dL"))["display"] == "mg/dL"


@pytest.mark.parametrize(
    "question", [f"system={COLOURS}&code=shoe", "system=http://example.org/none&code=x", "system=http://loinc.org&code=8480-6"]
)
def test_what_is_not_here_cannot_be_looked_up(server, issue_of, question):
    answer = server.get(f"/CodeSystem/$lookup?{question}")
    assert (answer.status_code, issue_of(answer)["code"]) == (404, "not-found")


@pytest.mark.parametrize(
    ("a", "b", "outcome"),
    [("red", "red", "equivalent"), ("colour", "crimson", "subsumes"), ("crimson", "red", "subsumed-by"), ("red", "blue", "not-subsumed")],
)
def test_one_code_includes_another_or_not(server, a, b, outcome):
    asked = parameters(codingA={"system": COLOURS, "code": a}, codingB={"system": COLOURS, "code": b})
    assert named(server.post("/CodeSystem/$subsumes", asked)) == {"outcome": outcome}
    assert named(server.get(f"/CodeSystem/$subsumes?system={COLOURS}&codeA={a}&codeB={b}")) == {"outcome": outcome}
    assert named(server.get(f"/CodeSystem/colours/$subsumes?codeA={a}&codeB={b}")) == {"outcome": outcome}


def test_codes_that_cannot_be_compared_are_refused(server, issue_of):
    unknown = server.get(f"/CodeSystem/$subsumes?system={COLOURS}&codeA=red&codeB=shoe")
    assert (unknown.status_code, issue_of(unknown)["code"]) == (422, "code-invalid")
    apart = server.post("/CodeSystem/$subsumes", parameters(codingA=RED, codingB={"system": PAINTS, "code": "red"}))
    assert apart.status_code == 422
    server.put("/CodeSystem/colours", SHADES | {"hierarchyMeaning": "part-of"})
    parted = server.get(f"/CodeSystem/$subsumes?system={COLOURS}&codeA=red&codeB=crimson")
    assert (parted.status_code, issue_of(parted)["code"]) == (422, "not-supported")


def matches(answer):
    found = [{one["name"]: one for one in match["part"]} for match in answer.json()["parameter"] if match["name"] == "match"]
    return [(one["equivalence"]["valueCode"], one.get("concept", {}).get("valueCoding", {}).get("code")) for one in found]


BY_URL = f"/ConceptMap/$translate?url=http://example.org/paint-map&system={COLOURS}"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (f"{BY_URL}&code=red", [("narrower", "vermilion")]),
        (f"{BY_URL}&code=mauve", [("unmatched", None)]),
        (f"{BY_URL}&code=blue", [("inexact", "grey")]),
        (f"{BY_URL}&code=red&targetsystem=http://example.org/other", []),
        (f"/ConceptMap/paint/$translate?system={COLOURS}&code=red", [("narrower", "vermilion")]),
        (f"/ConceptMap/$translate?source=http://example.org/all&system={COLOURS}&code=red", [("narrower", "vermilion")]),
        (f"/ConceptMap/$translate?url=http://example.org/paint-map&system={PAINTS}&code=vermilion&reverse=true", [("wider", "red")]),
        ("/ConceptMap/$translate?url=http://hl7.org/fhir/ConceptMap/101&system=http://hl7.org/fhir/address-use&code=home",
         [("equivalent", "H")]),
    ],
)  # fmt: skip
def test_a_code_is_translated(server, path, expected):
    answer = server.get(path)
    assert named(answer)["result"] is any(equivalence != "unmatched" for equivalence, _ in expected)
    assert matches(answer) == expected


def test_a_translation_may_depend_on_another_element_and_yield_more_than_a_code(server):
    crimson = part("coding", {"system": COLOURS, "code": "crimson"})
    url = part("url", "http://example.org/paint-map")
    oil = {"name": "dependency", "part": [
        {"name": "element", "valueUri": "http://example.org/base"},
        {"name": "concept", "valueCodeableConcept": {"coding": [{"code": "oil"}]}},
    ]}  # fmt: skip
    without = server.post("/ConceptMap/$translate", {"resourceType": "Parameters", "parameter": [url, crimson]})
    assert matches(without) == [("inexact", "grey")]
    found = server.post("/ConceptMap/$translate", {"resourceType": "Parameters", "parameter": [url, crimson, oil]})
    assert matches(found) == [("equivalent", "lake")]
    assert "http://example.org/tube" in found.text


def test_every_map_between_the_value_sets_is_asked_and_each_match_says_which(server):
    between = "source=http://hl7.org/fhir/ValueSet/address-use&target=http://terminology.hl7.org/ValueSet/v3-AddressUse"
    answer = server.get(f"/ConceptMap/$translate?{between}&system=http://hl7.org/fhir/address-use&code=home")
    assert ("equivalent", "H") in matches(answer)
    assert "http://hl7.org/fhir/ConceptMap/101" in answer.text


def test_a_map_that_is_not_here_is_404(server):
    assert server.get(f"/ConceptMap/$translate?url=http://example.org/none&system={COLOURS}&code=red").status_code == 404


def test_answers_come_as_xml_too(server):
    assert (
        b'valueCode value="not-subsumed"' in server.get(f"/CodeSystem/$subsumes?system={COLOURS}&codeA=red&codeB=blue&_format=xml").content
    )


def test_a_form_may_be_posted(server):
    answer = server.request("POST", "/ValueSet/all/$expand", data={"filter": "cri"})
    assert codes(answer) == ["crimson"]
