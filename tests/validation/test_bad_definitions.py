"""Definitions that are wrong, circular, huge or hostile: an answer in bounded time, and never silence."""

from __future__ import annotations

from typing import Any

import pytest

from tests.calls import calls
from tests.patience import comes_to_an_end
from tests.validation.conftest import CORE, MINE, MakeValidator, profile

DIV = {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'}
CS, VS = "http://example.org/CodeSystem/c", "http://example.org/ValueSet/"
PATIENT = {"resourceType": "Patient", "text": DIV, "name": [{"family": "a" * 60, "given": ["x"] * 50}]}


def rule(expression: str) -> dict[str, Any]:
    return profile("Patient", [{"id": "", "constraint": [{"key": "x-1", "severity": "error", "human": "x", "expression": expression}]}])


def imposing(name: str, other: str) -> dict[str, Any]:
    return profile("Patient", [], name, extension=[{"url": CORE + "structuredefinition-imposeProfile", "valueCanonical": MINE + other}])


def named(name: str, other: str) -> dict[str, Any]:
    return profile("HumanName", [{"id": "period.extension", "max": "0"}], name, baseDefinition=MINE + other)


ITSELF = profile("Extension", [{"id": "extension", "slicing": {"discriminator": [{"type": "value", "path": "url"}], "rules": "open"}},
                               {"id": "extension:x", "min": 1, "type": [{"code": "Extension", "profile": [MINE + "x"]}]}], "x")  # fmt: skip

MUCH = f"{'%resource.descendants().select(' * 12}1{')' * 12}.sum() > 0"

PROFILES: list[tuple[str, list[dict[str, Any]], list[tuple[str, str]]]] = [
    ("a base that is not there", [profile("Patient", [], baseDefinition=MINE + "none")], [("error", "profile-unknown")]),
    ("a base that is itself", [profile("Patient", [], baseDefinition=MINE + "p")], [("error", "profile-unknown")]),
    ("two bases in a circle", [profile("Patient", [], baseDefinition=MINE + "q"), profile("Patient", [], "q", baseDefinition=MINE + "p")],
     [("error", "profile-unknown")]),
    ("imposed in a circle", [imposing("p", "q"), imposing("q", "p")], []),
    ("type profiles in a circle", [profile("Patient", [{"id": "name", "type": [{"code": "HumanName", "profile": [MINE + "n"]}]}]),
                                   named("n", "m"), named("m", "n")], [("warning", "profile-unknown")]),
    ("an extension within itself", [profile("Patient", [{"id": "extension:x", "type": [{"code": "Extension", "profile": [MINE + "x"]}]}]),
                                    ITSELF], []),
    ("min above max", [profile("Patient", [{"id": "name", "min": 3, "max": "2"}])],
     [("error", "cardinality-min"), ("warning", "profile-faulty")]),
    ("a rule that grows for ever", [rule("(1 | 2).repeat($this + 1).exists()")], [("warning", "invariant-unchecked")]),
    ("a rule of too many steps", [rule(MUCH)], [("warning", "invariant-unchecked")]),
    ("a pattern that explodes", [rule("name.family.matches('^(a|aa)+b$').not()")], [("warning", "invariant-unchecked")]),
    ("a rule nested too deep", [rule("(" * 5000 + "true" + ")" * 5000)], [("warning", "invariant-unchecked")]),
    ("rows nested too deep", [profile("Patient", [{"id": ".".join(["contact", *["extension"] * 60]), "min": 1}])],
     [("warning", "profile-faulty")]),
]  # fmt: skip


@pytest.mark.parametrize(("title", "resources", "expected"), PROFILES, ids=[one[0] for one in PROFILES])
def test_a_bad_profile_is_told_in_time(
    with_definitions: MakeValidator, title: str, resources: list[dict[str, Any]], expected: list[tuple[str, str]]
) -> None:
    validator = with_definitions(resources)
    validator.validate(PATIENT)
    with comes_to_an_end():
        issues = validator.validate(PATIENT, resources[0]["url"])
    assert sorted((issue.severity, str(issue.message_id)) for issue in issues) == expected


def value_set(name: str, *includes: dict[str, Any], **content: Any) -> dict[str, Any]:
    return {"resourceType": "ValueSet", "url": VS + name, "status": "active", "compose": {"include": list(includes)}, **content}


def code_system(*codes: str) -> dict[str, Any]:
    concepts = [{"code": one} for one in codes]
    return {"resourceType": "CodeSystem", "url": CS, "status": "active", "content": "complete", "caseSensitive": True, "concept": concepts}


def filtered(pattern: str) -> dict[str, Any]:
    return {"system": CS, "filter": [{"property": "code", "op": "regex", "value": pattern}]}


ONE = {"system": CS, "concept": [{"code": "x"}]}
MANY = [f"c{number}" for number in range(100_000)]
ELSEWHERE = {"system": "http://example.org/CodeSystem/none"}
LISTED = {"expansion": {"timestamp": "2024-01-01T00:00:00Z", "contains": [{"system": CS, "code": one} for one in MANY]}}
HUGE = [
    ("all of a system", [code_system(*MANY), value_set("v", {"system": CS})]),
    ("listed one by one", [value_set("v", {"system": CS, "concept": [{"code": one} for one in MANY]})]),
    ("an expansion", [{"resourceType": "ValueSet", "url": VS + "v", "status": "active", **LISTED}]),
    ("by a filter", [code_system(*MANY), value_set("v", filtered("c[0-9]+"))]),
    ("less one", [code_system(*MANY), {**value_set("v"), "compose": {"include": [{"system": CS}], "exclude": [ONE]}}]),
]  # fmt: skip


@pytest.mark.parametrize(("title", "resources"), HUGE, ids=[one[0] for one in HUGE])
def test_a_set_of_100_000_codes_is_made_once_and_asked_quickly(
    with_definitions: MakeValidator, title: str, resources: list[dict[str, Any]]
) -> None:
    terminology = with_definitions(resources).terminology
    with comes_to_an_end():
        assert terminology.validate_code(VS + "v", CS, "c1").is_yes
        assert calls(lambda: terminology.validate_code(VS + "v", CS, "c2")) < 1_000, "a look into a table, no walk along the codes"
        assert all(terminology.validate_code(VS + "v", CS, code).is_yes for code in MANY[-1000:])
        assert all(terminology.validate_code(VS + "v", CS, f"d{number}").is_no for number in range(200))


def including(name: str) -> dict[str, Any]:
    return {"valueSet": [VS + name]}


def chain(length: int, times: int, end: dict[str, Any]) -> list[dict[str, Any]]:
    """Sets of which each is `times` the next; the last is `end`."""
    sets = [value_set(str(number), *[including(str(number + 1))] * times) for number in range(length)]
    return [*sets, value_set(str(length), end)]


CHAINS = [
    ("two of each", chain(40, 2, {"system": CS}), "yes"),
    ("two of each, the last of them not here", chain(40, 2, ELSEWHERE), "unknown"),
    ("very long", chain(3000, 1, {"system": CS}), "unknown"),
    ("a circle of two", [value_set("0", including("1")), value_set("1", including("0"), including("0"))], "unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("title", "resources", "verdict"), CHAINS, ids=[one[0] for one in CHAINS])
def test_sets_of_sets_come_to_an_end(with_definitions: MakeValidator, title: str, resources: list[dict[str, Any]], verdict: str) -> None:
    terminology = with_definitions([code_system("a"), *resources]).terminology
    with comes_to_an_end():
        assert terminology.validate_code(VS + "0", None, "a").verdict == verdict


def test_a_filter_that_explodes_is_given_up(with_definitions: MakeValidator) -> None:
    bomb = value_set("v", filtered("(a|aa)+b"))
    terminology = with_definitions([code_system("a" * 60, *(f"{'a' * 60}{number}" for number in range(1000))), bomb]).terminology
    with comes_to_an_end():
        assert terminology.validate_code(VS + "v", CS, "a" * 60).verdict == "unknown"


@pytest.mark.parametrize("levels", [50, 5000])
def test_a_resource_nested_deep_is_answered(with_definitions: MakeValidator, levels: int) -> None:
    extension: dict[str, Any] = {"url": MINE + "x", "valueString": "x"}
    for _ in range(levels):
        extension = {"url": MINE + "x", "extension": [extension]}
    validator = with_definitions([])
    with comes_to_an_end():
        issues = validator.validate({**PATIENT, "extension": [extension]})
    assert ("json-depth" in {issue.message_id for issue in issues}) is (levels > 100)
