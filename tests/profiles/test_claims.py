"""Good examples and the forms of the guide are valid under the profiles that theirs claim; the claims to follow SDC are true."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fhir_server.definitions.cache import PackageCache
from fhir_server.definitions.definitions import CORE, guide_folder, load_definitions
from fhir_server.definitions.package_list import Closure, PackageId
from fhir_server.model.json_format import decode_json
from fhir_server.validation.definitional.compliance import COMPLIES
from fhir_server.validation.validator import Validator
from tests.profiles.test_examples import examples
from tests.profiles.test_instances import INSTANCES

pytestmark = pytest.mark.conformance

SDC = "http://hl7.org/fhir/uv/sdc/"
FOLLOWED = (
    ("hl7.fhir.fr.core", "2.1.0"),
    ("ans.fhir.fr.annuaire", "1.1.0"),
    ("ans.fhir.fr.cds", "2.0.1"),
    ("ans.fhir.fr.pdsm", "3.1.1"),
    ("hl7.fhir.uv.sdc", "4.0.0"),
)


def claims(path: Path) -> list[str]:
    """The profiles that a StructureDefinition claims to comply with."""
    extensions = json.loads(path.read_bytes()).get("extension", ())
    return [extension["valueCanonical"] for extension in extensions if extension["url"] == COMPLIES]


CLAIMING = [path for path in sorted(guide_folder().glob("StructureDefinition-*.json")) if claims(path)]
RESOURCES = [*examples("good"), *INSTANCES]


def profile_of(path: Path) -> str:
    return str(json.loads(path.read_bytes())["meta"]["profile"][0]).rpartition("/")[2]


PAIRS = [
    (resource, url)
    for path in CLAIMING
    for url in claims(path)
    for resource in RESOURCES
    if profile_of(resource) == path.stem.removeprefix("StructureDefinition-")
]


@pytest.fixture(scope="module")
def validator(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Validator:
    cache = PackageCache(tmp_path_factory.mktemp("packages"))
    core = "#".join(CORE)
    (cache.root / core).symlink_to(PackageCache().root / core, target_is_directory=True)
    for archive in sorted((test_data / "fhir-packages").glob("*.tgz")):
        cache.install(archive)
    closure = Closure([PackageId(*one) for one in FOLLOWED], cache)
    packages = [(one.name, one.version) for one in closure.packages]
    return Validator(load_definitions(packages, cache=cache, stand_ins=closure.stand_ins))


@pytest.mark.parametrize("path", [path for path in CLAIMING if claims(path)[0].startswith(SDC)], ids=lambda path: path.stem)
def test_it_complies_with_sdc(validator: Validator, path: Path) -> None:
    told = [issue for issue in validator.validate(decode_json(path.read_bytes())) if str(issue.source) == COMPLIES]
    assert [issue.diagnostics for issue in told] == []


@pytest.mark.parametrize(("resource", "url"), PAIRS, ids=lambda one: one.stem if isinstance(one, Path) else one.rpartition("/")[2])
def test_what_is_good_is_valid_under_what_its_profile_claims(validator: Validator, resource: Path, url: str) -> None:
    found = validator.validate(decode_json(resource.read_bytes()), url)
    assert [issue.diagnostics for issue in found if issue.is_error] == []
