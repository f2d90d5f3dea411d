"""Is a code in a value set? (https://hl7.org/fhir/R4/valueset.html)"""

from __future__ import annotations

from typing import Any

import pytest

from fhir_server.definitions.definitions import Definitions
from fhir_server.terminology.terminology import Terminology
from fhir_server.terminology.value_set import NotListable

CS = "http://example.org/CodeSystem/animals"
BASE = "http://example.org/ValueSet/"

ANIMALS = {
    "resourceType": "CodeSystem",
    "url": CS,
    "content": "complete",
    "caseSensitive": True,
    "property": [{"code": "legs", "type": "integer"}, {"code": "tame", "type": "boolean"}],
    "concept": [
        {
            "code": "animal",
            "concept": [
                {
                    "code": "mammal",
                    "concept": [
                        {
                            "code": "dog",
                            "display": "Dog",
                            "property": [{"code": "legs", "valueInteger": 4}, {"code": "tame", "valueBoolean": True}],
                        },
                        {"code": "whale", "property": [{"code": "legs", "valueInteger": 0}]},
                    ],
                },
                {"code": "bird", "property": [{"code": "legs", "valueInteger": 2}]},
                {"code": "parrot", "property": [{"code": "parent", "valueCode": "bird"}, {"code": "tame", "valueBoolean": True}]},
            ],
        }
    ],
}
FRAGMENT = {"resourceType": "CodeSystem", "url": "http://example.org/part", "content": "fragment", "concept": [{"code": "known"}]}
ANY_CASE = {
    "resourceType": "CodeSystem",
    "url": "http://example.org/case",
    "content": "complete",
    "caseSensitive": False,
    "concept": [{"code": "Abc"}],
}


class Packages:
    """Definitions made of a handful of resources."""

    generation = 0

    def __init__(self, *resources: dict[str, Any]):
        self.resources = {one["url"]: one for one in resources}

    def resolve(self, canonical: str) -> dict[str, Any] | None:
        return self.resources.get(canonical)

    def changed_since(self, generation: int) -> frozenset[str] | None:
        raise AssertionError(f"nothing changes after {generation}")

    def supplements(self, url: str) -> list[dict[str, Any]]:
        return [one for one in self.resources.values() if one.get("supplements", "").partition("|")[0] == url]


def filtered(property_: str, op: str, value: str) -> dict[str, Any]:
    return {"system": CS, "filter": [{"property": property_, "op": op, "value": value}]}


SETS: dict[str, dict[str, Any]] = {
    "whole": {"include": [{"system": CS}]},
    "two": {"include": [{"system": CS, "concept": [{"code": "dog"}, {"code": "bird"}]}]},
    "is-a": {"include": [filtered("concept", "is-a", "mammal")]},
    "descendent-of": {"include": [filtered("concept", "descendent-of", "mammal")]},
    "is-not-a": {"include": [filtered("concept", "is-not-a", "mammal")]},
    "generalizes": {"include": [filtered("concept", "generalizes", "dog")]},
    "equals": {"include": [filtered("legs", "=", "4")]},
    "boolean": {"include": [filtered("tame", "=", "true")]},
    "in": {"include": [filtered("code", "in", "dog, whale")]},
    "not-in": {"include": [filtered("code", "not-in", "dog,whale")]},
    "regex": {"include": [filtered("code", "regex", "[a-d].*")]},
    "exists": {"include": [filtered("legs", "exists", "true")]},
    "not-exists": {"include": [filtered("legs", "exists", "false")]},
    "child": {"include": [filtered("parent", "=", "bird")]},
    "both": {
        "include": [{"system": CS, "filter": [*filtered("concept", "is-a", "mammal")["filter"], *filtered("legs", "=", "0")["filter"]]}]
    },
    "nested": {"include": [{"valueSet": [BASE + "is-a"]}]},
    "intersection": {"include": [{"valueSet": [BASE + "is-a", BASE + "boolean"]}]},
    "system-and-set": {"include": [{"system": CS, "valueSet": [BASE + "two"]}]},
    "less": {"include": [{"system": CS}], "exclude": [filtered("concept", "is-a", "mammal")]},
    "bad-filter": {"include": [filtered("colour", "=", "red")]},
    "bad-regex": {"include": [filtered("code", "regex", "(")]},
    "fragment": {"include": [{"system": FRAGMENT["url"]}]},
    "any-case": {"include": [{"system": ANY_CASE["url"]}]},
    "elsewhere": {"include": [{"system": "http://example.org/nowhere"}]},
    "elsewhere-or-here": {"include": [{"system": "http://example.org/nowhere"}, {"system": CS}]},
    "here-less-elsewhere": {"include": [{"system": CS}], "exclude": [{"system": CS, "valueSet": [BASE + "nothing"]}]},
    "listed-elsewhere": {"include": [{"system": "http://example.org/nowhere", "concept": [{"code": "a"}]}]},
    "itself": {"include": [{"valueSet": [BASE + "itself"]}]},
    "media": {"include": [{"system": "urn:ietf:bcp:13"}]},
    "languages": {"include": [{"system": "urn:ietf:bcp:47"}]},
    "currencies": {"include": [{"system": "urn:iso:std:iso:4217"}]},
    "units": {"include": [{"system": "http://unitsofmeasure.org"}]},
    "times": {"include": [{"system": "http://unitsofmeasure.org", "filter": [{"property": "canonical", "op": "=", "value": "s"}]}]},
}
EXPANDED = {
    "resourceType": "ValueSet",
    "url": BASE + "expanded",
    "expansion": {"contains": [{"system": CS, "code": "dog", "contains": [{"system": CS, "code": "whale"}]}]},
}


@pytest.fixture(scope="module")
def terminology() -> Terminology:
    sets = [{"resourceType": "ValueSet", "url": BASE + name, "compose": compose} for name, compose in SETS.items()]
    return Terminology(Packages(ANIMALS, FRAGMENT, ANY_CASE, EXPANDED, *sets))


@pytest.mark.parametrize(
    ("name", "members"),
    [
        ("whole", "animal mammal dog whale bird parrot"),
        ("two", "dog bird"),
        ("is-a", "mammal dog whale"),
        ("descendent-of", "dog whale"),
        ("is-not-a", "animal bird parrot"),
        ("generalizes", "animal mammal dog"),
        ("equals", "dog"),
        ("boolean", "dog parrot"),
        ("in", "dog whale"),
        ("not-in", "animal mammal bird parrot"),
        ("regex", "animal dog bird"),
        ("exists", "dog whale bird"),
        ("not-exists", "animal mammal parrot"),
        ("child", "parrot"),
        ("both", "whale"),
        ("nested", "mammal dog whale"),
        ("intersection", "dog"),
        ("system-and-set", "dog bird"),
        ("less", "animal bird parrot"),
        ("expanded", "dog whale"),
    ],
)
def test_a_set_holds_its_codes_and_no_other(terminology: Terminology, name: str, members: str) -> None:
    wanted = members.split()
    assert sorted(code for _, code in terminology.expand(BASE + name)) == sorted(wanted)
    for code in ("animal", "mammal", "dog", "whale", "bird", "parrot", "stone"):
        verdict = "yes" if code in wanted else "no"
        assert terminology.validate_code(BASE + name, CS, code).verdict == verdict, code
        assert terminology.validate_code(BASE + name, None, code).verdict == verdict, code


@pytest.mark.parametrize(
    ("name", "system", "code", "verdict"),
    [
        ("whole", "http://example.org/other", "dog", "no"),
        ("whole", CS, "Dog", "no"),
        ("any-case", None, "aBC", "yes"),
        ("fragment", None, "known", "yes"),
        ("fragment", None, "other", "unknown"),
        ("elsewhere", None, "dog", "unknown"),
        ("elsewhere", CS, "dog", "no"),
        ("elsewhere-or-here", None, "dog", "yes"),
        ("elsewhere-or-here", None, "stone", "unknown"),
        ("elsewhere-or-here", CS, "stone", "no"),
        ("here-less-elsewhere", CS, "dog", "unknown"),
        ("here-less-elsewhere", CS, "stone", "no"),
        ("listed-elsewhere", None, "a", "yes"),
        ("listed-elsewhere", None, "b", "no"),
        ("bad-filter", CS, "dog", "unknown"),
        ("bad-filter", CS, "stone", "no"),
        ("bad-regex", CS, "dog", "unknown"),
        ("itself", CS, "dog", "unknown"),
        ("nothing", CS, "dog", "unknown"),
        ("media", None, "application/fhir+json; fhirVersion=4.0", "yes"),
        ("media", None, "json", "yes"),
        ("media", None, "pdf", "no"),
        ("languages", None, "fr", "yes"),
        ("languages", None, "zh-Hant-TW", "yes"),
        ("languages", None, "french language", "no"),
        ("currencies", None, "EUR", "yes"),
        ("currencies", None, "QQQ", "unknown"),
        ("currencies", None, "euro", "no"),
        ("units", None, "mm[Hg]", "yes"),
        ("units", None, "furlongs", "unknown"),
        ("units", None, "mm Hg", "no"),
        ("times", None, "wk", "yes"),
        ("times", None, "kg", "no"),
    ],
)
def test_a_code_is_in_or_out_or_cannot_be_checked(terminology: Terminology, name: str, system: str | None, code: str, verdict: str) -> None:
    answer = terminology.validate_code(BASE + name, system, code)
    assert answer.verdict == verdict
    assert answer.is_yes or f"'{code}'" in answer.reason


@pytest.mark.parametrize("name", ["elsewhere", "fragment", "itself", "bad-filter", "nothing", "media", "here-less-elsewhere"])
def test_a_set_that_is_not_wholly_here_is_not_listed(terminology: Terminology, name: str) -> None:
    with pytest.raises(NotListable):
        terminology.expand(BASE + name)


def test_no_names_the_choice_where_it_is_small(terminology: Terminology) -> None:
    assert "one of bird, dog" in terminology.validate_code(BASE + "two", None, "cat").reason


def test_a_code_of_a_system_is_looked_up(terminology: Terminology) -> None:
    assert terminology.validate_in_system(CS, "dog").verdict == "yes"
    assert terminology.validate_in_system(CS, "stone").verdict == "no"
    assert terminology.validate_in_system("http://example.org/nowhere", "dog").verdict == "unknown"


def test_a_code_system_that_is_its_own_parent_ends() -> None:
    loop = {"code": "parent", "valueCode": "b"}
    system = {
        "resourceType": "CodeSystem",
        "url": CS,
        "content": "complete",
        "concept": [{"code": "a", "property": [loop]}, {"code": "b", "property": [{"code": "parent", "valueCode": "a"}]}],
    }
    value_set = {"resourceType": "ValueSet", "url": BASE + "loop", "compose": {"include": [filtered("concept", "is-a", "a")]}}
    assert Terminology(Packages(system, value_set)).validate_code(BASE + "loop", CS, "b").is_yes


def test_r4_required_value_sets_can_be_checked(definitions: Definitions) -> None:
    terminology = Terminology(definitions)
    gender = "http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1"
    assert terminology.validate_code(gender, None, "female").is_yes
    assert terminology.validate_code(gender, None, "F").is_no
    assert terminology.validate_code("http://hl7.org/fhir/ValueSet/languages", None, "fr-FR").is_yes
