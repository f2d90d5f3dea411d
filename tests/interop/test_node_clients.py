"""fhir-kit-client and @medplum/core, as an integrator's scripts use them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.interop.conftest import Database
from tests.interop.peer_client import node_absent, steps, verdict, with_node_modules

pytestmark = [pytest.mark.slow, pytest.mark.skipif(node_absent() is not None, reason=str(node_absent()))]
STEP = r"^  async '?([a-z-]+)'?\(\)"


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        return with_node_modules(tmp_path_factory.mktemp("node"))
    except subprocess.CalledProcessError as error:
        pytest.skip(f"npm cannot fetch the clients: {error.stderr[-500:]}")


@pytest.fixture(scope="module")
def fhir_kit(scripts: Path, tmp_path_factory: pytest.TempPathFactory, database: Database) -> dict[str, str]:
    return verdict(["node", str(scripts / "fhir_kit_client.mjs")], tmp_path_factory.mktemp("fhir_kit"), database())


@pytest.fixture(scope="module")
def medplum(scripts: Path, tmp_path_factory: pytest.TempPathFactory, database: Database) -> dict[str, str]:
    return verdict(["node", str(scripts / "medplum.mjs")], tmp_path_factory.mktemp("medplum"), database())


@pytest.mark.parametrize("step", steps("node_clients/fhir_kit_client.mjs", STEP))
def test_fhir_kit_client_can(fhir_kit: dict[str, str], step: str) -> None:
    assert fhir_kit[step] == "ok"


@pytest.mark.parametrize("step", steps("node_clients/medplum.mjs", STEP))
def test_medplum_core_can(medplum: dict[str, str], step: str) -> None:
    assert medplum[step] == "ok"
