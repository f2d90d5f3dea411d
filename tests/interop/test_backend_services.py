"""Clients that nobody here wrote complete a SMART Backend Services exchange on a server that requires authentication, on both stores."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import httpx
import pytest
from joserfc import jwk, jwt

from tests.interop.conftest import Database
from tests.interop.hapi_peer import JAVA, absent, build
from tests.interop.peer_client import HERE, READER, SECONDS, node_absent, server, steps, with_node_modules

SMART, MEDPLUM = "smart_client.py", "node_clients/backend_services.mjs"
HAPI = "hapi_client/src/main/java/org/passerelle/peer/BackendSoftware.java"
Told = dict[str, str]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, database: Database) -> Iterator[tuple[str, Path]]:
    """The FHIR base of a server, and the key file of its client `backend`."""
    folder, options = tmp_path_factory.mktemp("server"), database()
    key = folder / "key.json"
    add = ["clients", "add", "Backend", "--id", "backend", "--scope", "system/*.cruds", "--whole", "--generate", str(key), "--data"]
    with server(folder, ["--authentication", "required", *options]) as base:
        command = [sys.executable, "-m", "fhir_server", *add, f"{folder}/data", *options]
        subprocess.run(command, check=True, capture_output=True, timeout=SECONDS)
        yield base, key


def told(command: Sequence[str]) -> Told:
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    return dict(json.loads(done.stdout.splitlines()[-1]))


def names(source: str, pattern: str) -> list[str]:
    return [name for name in steps(source, pattern) if name != READER]


def access_token(base: str, key_file: Path) -> str:
    """For a client that has no assertions of its own."""
    key = jwk.import_key(json.loads(key_file.read_text()))
    endpoint = httpx.get(f"{base}/.well-known/smart-configuration").json()["token_endpoint"]
    claims = {"iss": "backend", "sub": "backend", "aud": endpoint, "exp": int(time.time()) + 60, "jti": str(uuid.uuid4())}
    form = {
        "grant_type": "client_credentials", "scope": "system/Patient.cruds",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": jwt.encode({"alg": "ES384", "kid": key.kid}, claims, key, algorithms=["ES384"]),
    }  # fmt: skip
    return str(httpx.post(endpoint, data=form).json()["access_token"])


@pytest.fixture(scope="module")
def fhirclient(running: tuple[str, Path]) -> Told:
    if find_spec("fhirclient") is None:
        pytest.skip("fhirclient is not installed (make install)")
    base, key = running
    return told([sys.executable, str(HERE / SMART), base, "backend", str(key)])


@pytest.fixture(scope="module")
def medplum(running: tuple[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Told:
    base, key = running
    try:
        scripts = with_node_modules(tmp_path_factory.mktemp("node"))
    except subprocess.CalledProcessError as error:
        pytest.skip(f"npm cannot fetch the clients: {error.stderr[-500:]}")
    return told(["node", str(scripts / "backend_services.mjs"), base, "backend", str(key)])


@pytest.fixture(scope="module")
def hapi(running: tuple[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Told:
    base, key = running
    try:
        class_path = build(tmp_path_factory.mktemp("hapi"), "hapi_client")
    except subprocess.CalledProcessError as error:
        pytest.skip(f"Maven cannot build the client: {error.stdout[-500:]!r}")
    return told([*JAVA, "-Xmx512m", "-cp", class_path, "org.passerelle.peer.BackendSoftware", base, access_token(base, key)])


@pytest.mark.parametrize("step", names(SMART, r"^    (\w+),$"))
def test_fhirclient_can(fhirclient: Told, step: str) -> None:
    assert fhirclient[step] == "ok"


@pytest.mark.slow
@pytest.mark.skipif(node_absent() is not None, reason=str(node_absent()))
@pytest.mark.parametrize("step", names(MEDPLUM, r"^  async '?([a-z-]+)'?\(\)"))
def test_medplum_core_can(medplum: Told, step: str) -> None:
    assert medplum[step] == "ok"


@pytest.mark.slow
@pytest.mark.skipif(absent() is not None, reason=str(absent()))
@pytest.mark.parametrize("step", names(HAPI, r'verdict\.step\("([^"]+)"'))
def test_the_hapi_client_can(hapi: Told, step: str) -> None:
    assert hapi[step] == "ok"
