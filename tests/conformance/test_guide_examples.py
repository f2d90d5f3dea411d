"""The examples of implementation guides (French ones, IHE's, SDC): each against the guide's own package and what it depends on.

What the validator reports as an error is listed in guide_examples_errors.json, each with the reason why it is a fault of the example.
An entry that no longer occurs fails the test as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from fhir_server.definitions.cache import PackageCache
from fhir_server.definitions.definitions import CORE, load_definitions
from fhir_server.definitions.package import read_manifest
from fhir_server.definitions.package_list import Closure
from fhir_server.inspection.source import documents
from fhir_server.validation.document import Document, DocumentCheck

pytestmark = [pytest.mark.conformance, pytest.mark.slow]

EXAMPLES = {
    "ans.cda.fr.tddui-1.0.1": 2,
    "ans.fhir.fr.annuaire-1.1.0": 20,
    "ans.fhir.fr.annuaire-1.2.0-snapshot-2": 20,
    "ans.fhir.fr.cdl-3.0.0": 2,
    "ans.fhir.fr.cds-2.0.1": 5,
    "ans.fhir.fr.mss-0.1.0-snapshot": 6,
    "ans.fhir.fr.nde-3.0.0": 3,
    "ans.fhir.fr.pdsm-3.1.1": 8,
    "ans.fhir.fr.sdo-4.0.0-mixed": 4,
    "ans.fhir.fr.tddui-1.1.0-ballot": 2,
    "ans.fhir.fr.tde-2.0.0": 5,
    "hl7.fhir.fr.core-2.0.1": 12,
    "hl7.fhir.fr.core-2.1.0": 12,
    "hl7.fhir.fr.core-2.2.0": 31,
    "hl7.fhir.uv.sdc-4.0.0": 54,
    "ihe.iti.balp-1.1.4": 58,
    "ihe.iti.mhd-4.2.3": 62,
}
"""How many examples each package has."""

ERRORS = json.loads(Path(__file__).with_name("guide_examples_errors.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def cache(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> PackageCache:
    """A package cache that holds R4 core and every guide, and nothing that this machine happens to have."""
    found = PackageCache(tmp_path_factory.mktemp("packages"))
    core = "#".join(CORE)
    (found.root / core).symlink_to(PackageCache().root / core, target_is_directory=True)
    for archive in sorted((test_data / "fhir-packages").glob("*.tgz")):
        found.install(archive)
    return found


@pytest.fixture(scope="module")
def indexes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("indexes")


@pytest.mark.parametrize("package", EXAMPLES)
def test_the_validator_finds_the_known_errors_and_no_other(
    package: str, test_data: Path, cache: PackageCache, indexes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(indexes))
    archive = test_data / "fhir-packages" / f"{package}.tgz"
    examples = list(documents([archive]))
    check = _check(archive, cache)
    found = {(one.name.rpartition("/")[2], rule) for one in examples for rule in _errors(check, one)}
    assert (len(examples), found) == (EXAMPLES[package], _known(package))


def _check(archive: Path, cache: PackageCache) -> DocumentCheck:
    closure = Closure((), cache, [read_manifest(archive)])
    assert closure.missing == []
    packages = [(one.name, one.version) for one in closure.packages]
    return DocumentCheck(load_definitions(packages, [archive], cache, closure.stand_ins))


def _errors(check: DocumentCheck, example: Document) -> set[str]:
    errors = (issue for issue in check.findings(example) if issue.is_error)
    return {f"{issue.message_id} {str(issue.source).rpartition('#')[2]}" for issue in errors}


def _known(package: str) -> set[tuple[str, str]]:
    return {(name, rule) for entry in ERRORS for name in entry["examples"].get(package, ()) for rule in entry["rules"]}


def test_the_list_of_errors_names_only_guides_that_are_looked_at() -> None:
    assert _packages(ERRORS) <= set(EXAMPLES)


def _packages(entries: Iterable[dict[str, dict[str, list[str]]]]) -> set[str]:
    return {package for entry in entries for package in entry["examples"]}
