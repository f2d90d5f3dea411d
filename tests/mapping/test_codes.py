"""The codes that a map writes, fixed or by a table, belong where they stand: looked up offline, told with line and with what mends them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.exchange.claim import profiles
from adapters.mapping.codes import CodeCheck, CodeFindings, code_findings, told
from fhir_server.definitions.definitions import Definitions
from fhir_server.validation.validator import Validator

HEAD = "map: trial\ntitle: A trial\nof: hl7v2\nstart: [encounter]\nresources:\n"
ENCOUNTER = f"{HEAD}  encounter:\n    type: Encounter\n    set:\n      "
PATIENT = f"{HEAD}  encounter:\n    type: Patient\n    set:\n      "
GENDERS = "http://hl7.org/fhir/administrative-gender"
ACTS = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
LETTERS = {
    "resourceType": "ConceptMap",
    "name": "Letters",
    "group": [
        {
            "target": ACTS,
            "element": [
                {"code": "I", "target": [{"code": "IMP", "display": "inpatient encounter"}]},
                {"code": "O", "target": [{"code": "OUTSIDE"}]},
                {"code": "P", "target": [{"code": "OUTSIDE"}]},
                {"code": "N", "target": [{"code": "AMB", "equivalence": "unmatched"}]},
            ],
        }
    ],
}
AGREEMENT = "https://passerelle.care/fhir/StructureDefinition/agreement"
OUTCOME = "{url: =outcome, valueCode: =perhaps}"
Findings = Callable[[str], list[str]]


@pytest.fixture(scope="module")
def check(definitions: Definitions) -> CodeCheck:
    return CodeCheck(Validator(definitions).validate, profiles())


@pytest.fixture(scope="module")
def ours(check: CodeCheck) -> CodeFindings:
    return code_findings(check)


@pytest.fixture
def findings(tmp_path: Path, check: CodeCheck) -> Findings:
    def found(text: str) -> list[str]:
        (tmp_path / "concept-maps").mkdir()
        (tmp_path / "concept-maps" / "letters.json").write_text(json.dumps(LETTERS))
        (tmp_path / "trial.yaml").write_text(text, "utf-8")
        return list(told(code_findings(check, folder=tmp_path).maps))

    return found


@pytest.mark.parametrize(
    ("rule", "beginning", "part"),
    [
        ("status: =plannd", "9: error: Encounter.status: The code 'plannd' is not", "one of arrived, cancelled"),
        ("status:\n        $first:\n          - PV1-2\n          - =plannd", "12: error: Encounter.status: The code 'plannd'", "finished"),
        ("status: {$value: =plannd, $when: exists PV1-2}", "9: error: Encounter.status:", "plannd"),
        ("status: PV1-2 | code letters", "9: error: Encounter.status: 'I' by the table letters: The code 'IMP'", "The same with 'O', 'P'."),
        ("class: PV1-2 | coding letters", "9: error: Encounter.class.code: 'O' by the table letters:", "The same with 'P'."),
        ("identifier: [{$each: PV1-19, use: =offical, value: CX.id}]", "9: error: Encounter.identifier.use: The code", "official"),
        (f"class:\n        system: ={ACTS}\n        code: =NONE", "11: error: Encounter.class.code:", "no code"),
        (f"class: {{system: ={ACTS}, code: =LLD}}", "9: warning: Encounter.class:", "one of ACUTE"),
        ("class: {system: =urn:oid:1.2.3, code: =x}", "9: warning: Encounter.class:", "Use one of its codes unless none of them fits"),
        (f"extension: [{{url: ={AGREEMENT}, extension: [{OUTCOME}]}}]", "9: error: Encounter.extension.extension.value:", "perhaps"),
    ],
)  # fmt: skip
def test_a_code_that_cannot_stand_there_is_told_with_its_line_and_what_could(
    rule: str, beginning: str, part: str, findings: Findings
) -> None:
    found = [one for one in findings(f"{ENCOUNTER}{rule}\n") if one.startswith(f"trial.yaml:{beginning}")]
    assert len(found) == 1
    assert part in found[0]


@pytest.mark.parametrize(
    "rule",
    [
        "status: =planned",
        "identifier: [{$each: PV1-19, use: =official, value: CX.id}]",
        f"class: {{system: ={ACTS}, code: PV1-2}}",
        f"class: {{system: ={ACTS}, code: =IMP}}",
        "subject: {display: =somebody}",
    ],
)  # fmt: skip
def test_codes_that_belong_there_and_what_is_read_from_the_message_are_taken(rule: str, findings: Findings) -> None:
    assert findings(f"{ENCOUNTER}{rule}\n") == []


def test_a_code_of_which_nobody_here_can_say_is_told_as_that(findings: Findings) -> None:
    rule = "type: [{coding: [{system: =https://example.org/codes, code: =x}]}]"
    (sentence,) = findings(f"{ENCOUNTER}{rule}\n")
    assert sentence.startswith("trial.yaml:9: information: Encounter.type.coding.system: 'x' cannot be checked")


def test_a_code_beside_one_that_belongs_there_is_no_mistake(findings: Findings) -> None:
    right = "{system: =http://terminology.hl7.org/CodeSystem/v3-ParticipationType, code: =ATND}"
    own = f"{{system: ={ACTS}, code: =IMP}}"
    assert findings(f"{ENCOUNTER}participant: [{{type: [{{coding: [{right}, {own}]}}]}}]\n") == []


def test_a_code_that_the_profile_does_not_take_is_a_warning(findings: Findings) -> None:
    (sentence,) = findings(f"{PATIENT}gender: =other\n")
    assert sentence.startswith("trial.yaml:9: warning: Patient.gender: The code 'other' is not in the value set")
    assert sentence.endswith("does not keep to passerelle-patient-ins.")


@pytest.mark.parametrize("rule", ["PV1-2", "PV1-2 | lower", "={PV1-2}"])
def test_a_required_code_that_is_written_as_it_was_sent_is_a_warning(rule: str, findings: Findings) -> None:
    (sentence,) = findings(f'{ENCOUNTER}status: "{rule}"\n')
    assert sentence.startswith(f"trial.yaml:9: warning: Encounter.status: what {rule} says is written as it was sent, and only codes")
    assert "one of arrived, cancelled" in sentence


def test_a_block_is_judged_where_it_is_used(findings: Findings) -> None:
    text = HEAD.replace("resources", "blocks:\n  number: {set: {use: =offical, value: PV1-19}}\nresources")
    (sentence,) = findings(f"{text}  encounter: {{type: Encounter, set: {{identifier: [{{$use: number}}]}}}}\n")
    assert sentence.startswith("trial.yaml:6: error: Encounter.identifier.use: The code 'offical'")


def test_the_maps_that_come_with_the_program_write_no_wrong_code(ours: CodeFindings) -> None:
    assert list(told(ours.errors)) == []


def test_codes_of_ours_beside_an_extensible_value_set_are_the_french_ones(ours: CodeFindings) -> None:
    french = {"Identifier Type Codes", "InsGenders", "PatientContactRelationship", "All Security Labels"}
    warned = [one for one in ours.maps if one.severity == "warning"]
    assert [one for one in warned if not any(f"value set {name} " in one.reason for name in french)] == []


def test_a_site_answers_for_what_it_brings_about_only(tmp_path: Path, check: CodeCheck) -> None:
    (tmp_path / "concept-maps").mkdir()
    group = {"target": GENDERS, "element": [{"code": "F", "target": [{"code": "femme"}]}]}
    table = {"resourceType": "ConceptMap", "name": "Own", "group": [group]}
    (tmp_path / "concept-maps" / "administrative-gender.json").write_text(json.dumps(table))
    (tmp_path / "chu.yaml").write_text('site: chu\ntitle: Theirs\nof: hl7v2\nsenders: ["DPI|CHU"]\nmaps: [adt_a01]\n')
    (found,) = {one.reason: one for one in code_findings(check, tmp_path).sites}.values()
    assert (found.severity, found.element, found.table, found.code) == ("error", "Patient.gender", "administrative-gender", "F")
