"""The HAPI FHIR client, its parser failing at any warning, works as GP software and as hospital software."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.interop.conftest import Database
from tests.interop.hapi_peer import JAVA, absent, build
from tests.interop.peer_client import steps, verdict

pytestmark = [pytest.mark.slow, pytest.mark.skipif(absent() is not None, reason=str(absent()))]
SOURCE = "hapi_client/src/main/java/org/passerelle/peer/{}.java"


@pytest.fixture(scope="module")
def class_path(tmp_path_factory: pytest.TempPathFactory) -> str:
    try:
        return build(tmp_path_factory.mktemp("hapi"), "hapi_client")
    except subprocess.CalledProcessError as error:
        pytest.skip(f"Maven cannot build the client: {error.stdout[-500:]!r}")


def told(class_path: str, program: str, folder: Path, database: Database) -> dict[str, str]:
    return verdict([*JAVA, "-Xmx512m", "-cp", class_path, f"org.passerelle.peer.{program}"], folder, database())


@pytest.fixture(scope="module")
def gp(class_path: str, tmp_path_factory: pytest.TempPathFactory, database: Database) -> dict[str, str]:
    return told(class_path, "GpSoftware", tmp_path_factory.mktemp("gp"), database)


@pytest.fixture(scope="module")
def hospital(class_path: str, tmp_path_factory: pytest.TempPathFactory, database: Database) -> dict[str, str]:
    return told(class_path, "HospitalSoftware", tmp_path_factory.mktemp("hospital"), database)


@pytest.mark.parametrize("step", steps(SOURCE.format("GpSoftware"), r'verdict\.step\("([^"]+)"'))
def test_gp_software_can(gp: dict[str, str], step: str) -> None:
    assert gp[step] == "ok"


@pytest.mark.parametrize("step", steps(SOURCE.format("HospitalSoftware"), r'verdict\.step\("([^"]+)"'))
def test_hospital_software_can(hospital: dict[str, str], step: str) -> None:
    assert hospital[step] == "ok"
