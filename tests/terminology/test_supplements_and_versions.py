"""Supplements of code systems (https://hl7.org/fhir/R4/codesystem.html#supplements), and versions in bindings and compositions
(https://hl7.org/fhir/R4/valueset-definitions.html#ValueSet.compose.include.version).
"""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from fhir_server.definitions.definitions import Definitions
from fhir_server.definitions.index import PackageIndex, build_index
from fhir_server.definitions.package import files_of_archive
from fhir_server.definitions.stored import StoredConformance
from fhir_server.model.json_format import encode_json
from fhir_server.terminology.terminology import Terminology
from fhir_server.terminology.value_set import NotListable

CS, VS = "http://example.org/CodeSystem/animals", "http://example.org/ValueSet/"
NEEDS = "http://hl7.org/fhir/StructureDefinition/valueset-supplement"


def code_system(version: str, *codes: str) -> dict[str, Any]:
    concepts = [{"code": one, "display": one.title()} for one in codes]
    return {"resourceType": "CodeSystem", "url": CS, "version": version, "content": "complete", "concept": concepts}


def supplement(name: str, of: str, *concepts: dict[str, Any]) -> dict[str, Any]:
    listed = list(concepts)
    declared = [{"code": "legs", "type": "integer"}]
    return {
        "resourceType": "CodeSystem", "id": name, "url": f"{CS}-{name}", "content": "supplement", "supplements": of, "property": declared,
        "concept": listed,
    }  # fmt: skip


def value_set(name: str, include: dict[str, Any], version: str | None = None, **content: Any) -> dict[str, Any]:
    versioned = {"version": version} if version else {}
    return {"resourceType": "ValueSet", "url": VS + name, **versioned, "compose": {"include": [include]}, **content}


def terminology(*resources: dict[str, Any]) -> Terminology:
    stored = StoredConformance()
    for number, resource in enumerate(resources, 1):
        stored.put(resource["resourceType"], str(number), number, encode_json(resource))
    return Terminology(Definitions((), stored))


FRENCH = supplement("fr", CS, {"code": "dog", "designation": [{"language": "fr", "value": "Chien"}]}, {"code": "cat", "display": "Puss"})
LEGS = supplement("legs", CS + "|1", {"code": "dog", "property": [{"code": "legs", "valueInteger": 4}]}, {"code": "bird"})
FOUR_LEGS = {"system": CS, "filter": [{"property": "legs", "op": "=", "value": "4"}]}


@pytest.mark.parametrize(
    ("code", "text", "right"), [("dog", "chien", True), ("dog", "Dog", True), ("dog", "Chat", False), ("cat", "puss", True)]
)
def test_the_displays_of_supplements_are_right_too(code: str, text: str, right: bool) -> None:
    concept = terminology(code_system("1", "dog", "cat"), FRENCH).concept(CS, code)
    assert concept is not None
    assert concept.is_shown_as(text) is right


def test_a_supplement_adds_properties_to_filter_by_and_no_codes() -> None:
    known = terminology(code_system("1", "dog", "cat"), LEGS, value_set("four", FOUR_LEGS))
    assert known.expand(VS + "four") == [(CS, "dog")]
    assert known.validate_code(VS + "four", CS, "cat").is_no
    assert known.validate_in_system(CS, "bird").is_no


def test_a_supplement_of_another_version_says_nothing() -> None:
    known = terminology(code_system("2", "dog"), LEGS, value_set("four", FOUR_LEGS))
    assert known.validate_code(VS + "four", CS, "dog").verdict == "unknown"


def test_a_set_that_needs_a_supplement_is_not_used_without_it() -> None:
    needy = value_set("all", {"system": CS}, extension=[{"url": NEEDS, "valueCanonical": CS + "-fr"}])
    without = terminology(code_system("1", "dog"), needy)
    answer = without.validate_code(VS + "all", CS, "dog")
    assert (answer.verdict, "supplement" in answer.reason) == ("unknown", True)
    with pytest.raises(NotListable, match="supplement"):
        without.expand(VS + "all")
    assert terminology(code_system("1", "dog"), FRENCH, needy).validate_code(VS + "all", CS, "dog").is_yes


def test_the_supplements_of_a_package_count(tmp_path: Path) -> None:
    files = {"package.json": {"name": "a", "version": "1.0.0"}, "cs.json": {**code_system("1", "dog"), "id": "cs"}, "fr.json": FRENCH}
    with tarfile.open(tmp_path / "a.tgz", "w:gz") as archive:
        for name, content in files.items():
            data = json.dumps(content).encode()
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    build_index(files_of_archive(tmp_path / "a.tgz"), tmp_path / "a.db")
    package = PackageIndex(tmp_path / "a.db")
    concept = Terminology(Definitions([package])).concept(CS, "dog")
    package.close()
    assert concept is not None
    assert concept.is_shown_as("Chien")
    assert not concept.is_shown_as("Chat")


def versions() -> Terminology:
    return terminology(
        code_system("1", "dog"), code_system("2", "dog", "cat"),
        value_set("any", {"system": CS}, "1"), value_set("any", {"system": CS, "concept": [{"code": "dog"}]}, "2"),
        value_set("old", {"system": CS, "version": "1"}), value_set("newest", {"system": CS}),
        value_set("none", {"system": CS, "version": "9"}),
        value_set("first", {"valueSet": [VS + "any|1"]}), value_set("ninth", {"valueSet": [VS + "any|9"]}),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("canonical", "code", "verdict"),
    [
        ("old", "dog", "yes"),
        ("old", "cat", "no"),
        ("newest", "cat", "yes"),
        ("none", "dog", "unknown"),
        ("any", "cat", "no"),  # the highest version
        ("any|1", "cat", "yes"),
        ("any|2", "cat", "no"),
        ("any|3", "dog", "unknown"),
        ("first", "cat", "yes"),
        ("ninth", "dog", "unknown"),
    ],
)
def test_the_version_that_is_asked_for_answers_and_no_other(canonical: str, code: str, verdict: str) -> None:
    assert versions().validate_code(VS + canonical, CS, code).verdict == verdict


def test_a_code_is_looked_up_in_the_version_that_it_names() -> None:
    known = versions()
    assert [known.validate_in_system(f"{CS}|{version}", "cat").verdict for version in "123"] == ["no", "yes", "unknown"]
