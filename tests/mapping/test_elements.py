"""A map writes only elements that R4 has, of the type and in the number that R4 says."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.hl7v2.adt import load_maps
from adapters.hl7v2.language import Hl7v2Language
from adapters.mapping.maps import load_library
from adapters.mapping.source import MapError
from fhir_server.definitions.definitions import Definitions
from fhir_server.model.schema import Schema

HEAD = "map: trial\ntitle: A trial\nof: hl7v2\nstart: [encounter]\nresources:\n"
PATIENT = "  patient: {type: Patient, set: {identifier: [{value: PID-3.id}]}}\n"
ENCOUNTER = f"{HEAD}{PATIENT}  encounter:\n    type: Encounter\n    set:\n      "
STAY = "  encounter: {type: Encounter, set: {status: =planned}, "
LETTERS = {"resourceType": "ConceptMap", "name": "Letters", "group": [{"element": [{"code": "F", "target": [{"code": "f"}]}]}]}
Mistake = Callable[[str], str]


@pytest.fixture(scope="module")
def schema(definitions: Definitions) -> Schema:
    return definitions.schema


@pytest.fixture
def mistake(tmp_path: Path, schema: Schema) -> Mistake:
    """What is wrong with a map; empty where nothing is."""

    def told(text: str) -> str:
        (tmp_path / "concept-maps").mkdir()
        (tmp_path / "concept-maps" / "letters.json").write_text(json.dumps(LETTERS))
        (tmp_path / "trial.yaml").write_text(text, "utf-8")
        try:
            load_library({"hl7v2": Hl7v2Language()}, tmp_path, schema=schema)
        except MapError as error:
            return str(error.issues[0].diagnostics)
        return ""

    return told


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ("statsu: =planned", "trial.yaml:10: Encounter.statsu: R4 has no such element. Did you mean 'status'?"),
        ("statsu:\n        $first:\n          - =planned", "trial.yaml:10: Encounter.statsu: R4 has no such element."),
        ("period: {begin: PV1-44 | dateTime}", "trial.yaml:10: Encounter.period.begin: R4 has no such element."),
        ("reasonCode: [{txet: PV2-3.text}]", "Encounter.reasonCode.txet: R4 has no such element. Did you mean 'text'?"),
        ("reasonCode: [{$each: PV2-3, txet: CE.text}]", "Encounter.reasonCode.txet: R4"),
        ("reasonCode: [{$first: [{txet: PV2-3.text}]}]", "Encounter.reasonCode.txet: R4"),
        ("hospitalization: {$when: exists PV1-44, admitSuorce: {text: PV1-14}}", "Encounter.hospitalization.admitSuorce: R4"),
        ("extension: [{url: =urn:x, value: PV1-2}]", "Encounter.extension.value: R4 has no such element."),
        ("_status: {extention: [{url: =urn:x}]}", "Encounter._status.extention: R4 has no such element. Did you mean 'extension'?"),
        ("_period: {extension: [{url: =urn:x}]}", "Encounter._period: only an element with a simple value has such a twin"),
        ("reasonCode: {text: PV2-3.text}", "Encounter.reasonCode: there can be several values here, so it is a list"),
        ("period: [{start: PV1-44 | dateTime}]", "Encounter.period: there can be only one value here, so it is not a list"),
        ("priority: PV1-4", "Encounter.priority: a CodeableConcept has parts, and this is a simple value"),
        ("status: {text: PV1-4}", "Encounter.status: a code has no parts"),
        ("class: {userSelected: =true}", "Encounter.class.userSelected: true or false, not quoted, is what a boolean is"),
        ("status: true", "Encounter.status: true or false, not quoted"),
        ("period: {start: =yesterday}", "Encounter.period.start: this is not a dateTime"),
        ("period: {$reference: patient}", "Encounter.period: a Reference cannot stand here; this is a Period"),
        ("priority: PV1-2 | coding letters", "Encounter.priority: a Coding cannot stand here; this is a CodeableConcept"),
    ],
)  # fmt: skip
def test_what_fhir_does_not_have_is_told_with_its_place(rule: str, sentence: str, mistake: Mistake) -> None:
    assert sentence in mistake(f"{ENCOUNTER}{rule}\n")


@pytest.mark.parametrize(
    "rule",
    [
        "reasonCode: [{text: PV2-3.text}]",
        "reasonCode: [{$each: PV2-3, coding: [{code: CE.code, userSelected: true}], text: CE.text}]",
        "_status: {extension: [{url: =urn:x, valueCode: =unknown}]}",
        "basedOn: [{reference: =ServiceRequest/1, identifier: {type: {text: =x}, assigner: {display: PV1-4}}}]",
        "diagnosis: [{condition: {display: PV2-3.text}, rank: 1}]",
        "contained: [{resourceType: =Basic, id: =x}]",
    ],
)  # fmt: skip
def test_what_fhir_has_is_taken(rule: str, mistake: Mistake) -> None:
    assert mistake(f"{ENCOUNTER}{rule}\n") == ""


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("  encounter: {type: Encuonter, set: {status: =planned}}\n", "R4 has no resource type Encuonter. Did you mean 'Encounter'?"),
        ("  encounter: {type: Period, set: {start: PV1-44}}\n", "R4 has no resource type Period."),
        (STAY + "merge: {reasonCodes: {how: fill}}}\n", "Encounter.reasonCodes: R4 has no such element. Did you mean 'reasonCode'?"),
        (STAY + "merge: {reasonCode: {how: overlay, key: [txet]}}}\n", "Encounter.reasonCode.txet: R4 has no such element."),
        (STAY + "merge: {account: {how: overlay, key: [identifier.valeu]}}}\n", "Encounter.account.identifier.valeu: R4"),
        (STAY + "merge: {account: {how: fill, unless: [acount]}}}\n", "Encounter.acount: R4 has no such element."),
        (ENCOUNTER + "reasonCode: [{$each: PV2-3, $delete: {txet: x}, text: CE.text}]\n", "Encounter.reasonCode.txet: R4"),
    ],
)  # fmt: skip
def test_the_types_and_the_rules_of_merging_are_checked_too(text: str, sentence: str, mistake: Mistake) -> None:
    assert sentence in mistake(text if text.startswith(HEAD) else HEAD + text)


def test_a_block_is_checked_where_it_is_used(mistake: Mistake) -> None:
    block = "blocks:\n  reason: {set: {txet: PV2-3.text}}\n"
    told = mistake(
        f"{HEAD.replace('resources', f'{block}resources')}  encounter: {{type: Encounter, set: {{reasonCode: [{{$use: reason}}]}}}}\n"
    )
    assert told == "trial.yaml:6: Encounter.reasonCode.txet: R4 has no such element. Did you mean 'text'?"


def test_a_site_is_checked_and_the_maps_that_come_with_the_program_pass(tmp_path: Path, schema: Schema) -> None:
    head = 'site: chu\ntitle: Theirs\nof: hl7v2\nsenders: ["DPI|CHU"]\nmaps: [adt_a03]\nresources:\n'
    (tmp_path / "chu.yaml").write_text(f"{head}  encounter:\n    set:\n      reasonCode: [{{text: PV2-3.text}}]\n")
    assert load_maps(sites=tmp_path, schema=schema).sites
    (tmp_path / "chu.yaml").write_text(f"{head}  encounter:\n    set:\n      statsu: =planned\n")
    with pytest.raises(MapError, match=r"chu.yaml:9: Encounter.statsu: R4 has no such element. Did you mean 'status'\?"):
        load_maps(sites=tmp_path, schema=schema)
