"""The code systems and value sets of the guide: what they hold is what their source holds, and the page tells all of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fhir_server.definitions.definitions import Definitions, guide_folder, load_definitions
from fhir_server.terminology.terminology import Terminology

ROOT = Path(__file__).parents[2]
NOS = "https://mos.esante.gouv.fr/NOS/"
ROLES = NOS + "TRE_R85-RolePriseCharge/FHIR/TRE-R85-RolePriseCharge"
DOCUMENT_TYPES = NOS + "JDV_J07-XdsTypeCode-CISIS/FHIR/JDV-J07-XdsTypeCode-CISIS"
OWN = "https://passerelle.care/fhir/"
LOINC = "http://loinc.org"


def guide(kind: str) -> list[dict[str, Any]]:
    return [json.loads(path.read_bytes()) for path in sorted(guide_folder().glob(f"{kind}-*.json"))]


def is_national(resource: dict[str, Any]) -> bool:
    return "copyright" in resource


def concepts(part: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for one in part.get("concept", ()):
        yield one
        yield from concepts(one)


def enumerated(value_set: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for part in value_set["compose"]["include"]:
        yield from ((part["system"], one["code"]) for one in part.get("concept", ()))


@pytest.fixture(scope="module")
def terminology() -> Terminology:
    return Terminology(load_definitions())


def test_the_page_has_a_row_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "profiles"))
    from terminologies import PAGE, with_tables

    text = PAGE.read_text(encoding="utf-8")
    assert with_tables(text, guide_folder()) == text, "run `make profiles` and commit docs/terminologies.md"


@pytest.mark.parametrize("value_set", guide("ValueSet"), ids=lambda one: one["id"])
def test_a_value_set_lists_only_codes_that_its_system_has(value_set: dict[str, Any], terminology: Terminology) -> None:
    ours = {one["url"] for one in guide("CodeSystem") if one["content"] in ("complete", "fragment")}
    listed = [(system, code) for system, code in enumerated(value_set) if system in ours]
    assert [one for one in listed if terminology.validate_in_system(*one).verdict != "yes"] == []


@pytest.mark.parametrize("system", [one for one in guide("CodeSystem") if not is_national(one)], ids=lambda one: one["id"])
def test_our_own_codes_are_said_in_french_and_english(system: dict[str, Any]) -> None:
    assert [one["code"] for one in concepts(system) if not {"fr", "en"} & {said["language"] for said in one.get("designation", ())}] == []


def test_a_national_code_system_is_a_part_or_not_listed_and_says_whose_the_codes_are() -> None:
    systems = guide("CodeSystem")
    assert [one["id"] for one in systems if is_national(one) and one["content"] not in ("fragment", "not-present")] == []
    assert [one["id"] for one in systems if not is_national(one) and not one["url"].startswith(OWN)] == []


@pytest.mark.parametrize(("system", "code", "verdict"), [(LOINC, "18776-5", "yes"), (LOINC, "2339-0", "no"), (NOS + "TRE_R999", "1", "no")])
def test_a_national_value_set_decides(system: str, code: str, verdict: str, terminology: Terminology) -> None:
    assert terminology.validate_code(DOCUMENT_TYPES, system, code).verdict == verdict


@pytest.mark.parametrize(("code", "verdict"), [("330", "yes"), ("314", "yes"), ("999", "unknown")])
def test_a_code_that_a_part_does_not_list_is_unknown_not_wrong(code: str, verdict: str, terminology: Terminology) -> None:
    assert terminology.validate_in_system(ROLES, code).verdict == verdict


def national(test_data: Path) -> Definitions:
    names = ("hl7.fhir.fr.core-2.2.0.tgz", "ans.fr.terminologies-1.10.0-partial.tgz")
    return load_definitions(archives=[test_data / "fhir-packages" / name for name in names])


@pytest.fixture(scope="module")
def whole(test_data: Path) -> Definitions:
    return national(test_data)


@pytest.mark.conformance
def test_a_national_package_that_is_added_wins(whole: Definitions) -> None:
    assert (load_definitions().resolve(ROLES) or {})["content"] == "fragment"
    assert (whole.resolve(ROLES) or {})["content"] == "complete"
    assert Terminology(whole).validate_in_system(ROLES, "999").verdict == "no"


@pytest.mark.conformance
@pytest.mark.parametrize("system", [one for one in guide("CodeSystem") if is_national(one)], ids=lambda one: one["id"])
def test_the_codes_are_those_of_the_source(system: dict[str, Any], whole: Definitions) -> None:
    source = whole.resolve(system["url"]) or {}
    if source.get("content") != "complete":
        pytest.skip("the packages at hand do not have it")
    labels = {one["code"]: one["display"].strip() for one in source["concept"]}
    assert (system["version"], system["count"]) == (source["version"], len(labels))
    assert {one["code"]: one["display"] for one in system["concept"]}.items() <= labels.items()


@pytest.mark.conformance
@pytest.mark.parametrize("value_set", [one for one in guide("ValueSet") if is_national(one)], ids=lambda one: one["id"])
def test_a_national_value_set_is_whole(value_set: dict[str, Any], whole: Definitions) -> None:
    source = whole.resolve(value_set["url"]) or {}
    if "copyright" in source and source["copyright"] == value_set["copyright"]:
        pytest.skip("the packages at hand do not have it")
    assert value_set["version"] == source["version"]
    assert set(enumerated(value_set)) == set(enumerated(source))


def test_whatever_is_ours_has_a_title_in_french_too() -> None:
    ours = [json.loads(path.read_bytes()) for path in guide_folder().glob("*-*.json")]
    assert [one["url"] for one in ours if one.get("url", "").startswith(OWN) and not one.get("_title")] == []
