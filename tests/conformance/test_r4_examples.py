"""The official R4 examples: 5,300 instances that nobody here wrote (hl7.fhir.r4.examples 4.0.1).

Each goes JSON -> XML -> JSON without loss and passes the structure check; what the validator reports as an error is listed in
r4_examples_errors.json, each with the reason why it is a fault of the example. An entry that no longer occurs fails the test as well.
"""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from fhir_server.definitions.definitions import Definitions
from fhir_server.model.json_format import decode_resource, encode_json
from fhir_server.model.xml_format import decode_xml, encode_xml
from fhir_server.validation.structure import StructureCheck
from fhir_server.validation.validator import Validator

pytestmark = pytest.mark.conformance

CHUNKS = 6

NOT_THE_SAME_AFTER_XML: dict[str, str] = {}
"""Examples that XML changes, with the reason. There are none."""

STRUCTURE_FAULTS = {
    "SearchParameter-questionnaireresponse-extensions-QuestionnaireResponse-item-subject.json": "its id is longer than 64 characters",
}

ERRORS = json.loads(Path(__file__).with_name("r4_examples_errors.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def examples(test_data: Path) -> list[tuple[str, bytes]]:
    return _read(test_data / "r4-examples-4.0.1.tar.xz")


@cache
def _read(archive: Path) -> list[tuple[str, bytes]]:
    with tarfile.open(archive) as opened:
        return sorted(_files(opened))


def _files(opened: tarfile.TarFile) -> Iterator[tuple[str, bytes]]:
    for member in opened:
        stream = opened.extractfile(member) if member.name.endswith(".json") else None
        if stream is not None:
            yield member.name.rpartition("/")[2], stream.read()


def part(examples: list[tuple[str, bytes]], chunk: int) -> list[tuple[str, dict[str, Any]]]:
    return [(name, decode_resource(source)) for name, source in examples[chunk::CHUNKS]]


def test_all_examples_are_there(examples: list[tuple[str, bytes]]) -> None:
    assert len(examples) == 5300


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_an_example_is_the_same_after_xml(examples: list[tuple[str, bytes]], definitions: Definitions, chunk: int) -> None:
    schema = definitions.schema
    changed = {
        name
        for name, resource in part(examples, chunk)
        if _canonical(decode_xml(encode_xml(resource, schema), schema)) != _canonical(resource)
    }
    assert changed == {name for name, _ in examples[chunk::CHUNKS] if name in NOT_THE_SAME_AFTER_XML}


def _canonical(resource: Any) -> bytes:
    """JSON with its keys in order, so that a digit of a decimal counts and the order of keys does not."""
    return encode_json(_ordered(resource))


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _ordered(value[key]) for key in sorted(value)}
    return [_ordered(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_an_example_passes_the_structure_check(examples: list[tuple[str, bytes]], definitions: Definitions, chunk: int) -> None:
    check = StructureCheck(definitions.schema)
    faulty = {name for name, resource in part(examples, chunk) if check.check(resource)}
    assert faulty == {name for name, _ in examples[chunk::CHUNKS] if name in STRUCTURE_FAULTS}


@pytest.fixture(scope="module")
def validator(definitions: Definitions) -> Validator:
    return Validator(definitions)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_the_validator_finds_the_known_errors_and_no_other(examples: list[tuple[str, bytes]], validator: Validator, chunk: int) -> None:
    found = {(name, error) for name, resource in part(examples, chunk) for error in _errors(validator, resource)}
    names = {name for name, _ in examples[chunk::CHUNKS]}
    assert found == {(name, rule) for entry in ERRORS for rule in entry["rules"] for name in entry["examples"] if name in names}


def _errors(validator: Validator, resource: dict[str, Any]) -> set[str]:
    issues = (issue for issue in validator.validate(resource) if issue.is_error)
    return {f"{issue.message_id} {str(issue.source).rpartition('#')[2]}" for issue in issues}
