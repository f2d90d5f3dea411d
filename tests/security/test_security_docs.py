"""docs/gp.md and docs/security.md: what they tell to type works on a server that requires authentication, typed as it stands."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from fhir_server.security.issuer import Issuer, read_issuers
from tests.interop.peer_client import server
from tests.patience import PATIENCE

DOCS = Path(__file__).parents[2] / "docs"
GP, SECURITY = ((DOCS / name).read_text(encoding="utf-8") for name in ("gp.md", "security.md"))


def commands(document: str, first: str) -> list[str]:
    """The indented commands that begin with a word."""
    return re.findall(rf"^    ({first} .*)$", document, re.MULTILINE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("docs")


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "fhir_server", "demo", "load", "--data", str(folder / "data")]
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)
    with server(folder, ["--authentication", "required"]) as base:
        yield base.removesuffix("/fhir")


def typed(command: str, folder: Path, address: str) -> subprocess.CompletedProcess[str]:
    """The command as a shell runs it, `passerelle` and `python` being ours, the data folder the server's."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PASSERELLE_DATA": str(folder / "data"), "PATH": path}
    text = command.replace("http://127.0.0.1:8080", address)
    return subprocess.run(["bash", "-ec", text], cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False)


def test_gp_software_gets_its_token_and_its_care_plans(folder: Path, address: str) -> None:
    assert httpx.get(f"{address}/fhir/CarePlan").status_code == 401
    assert typed(commands(GP, "passerelle clients add")[0], folder, address).returncode == 0
    program = re.search(r"^```python\n(import json.*?)```", GP, re.DOTALL | re.MULTILINE)
    assert program
    (folder / "gp_token.py").write_text(program[1])
    (token,) = commands(GP, r"TOKEN=\$\(python")
    (curl,) = commands(GP, 'curl -H "Authorization:')
    done = typed(f"{token}\n{curl}", folder, address)
    assert done.returncode == 0, done.stderr
    found = [entry["resource"]["resourceType"] for entry in json.loads(done.stdout)["entry"]]
    assert sorted(found) == ["CarePlan", "CareTeam"], done.stdout


def test_the_operators_commands_work_in_their_order(folder: Path, address: str) -> None:
    for command in commands(SECURITY, "passerelle clients"):
        done = typed(command.replace("--id gp", "--id gp2").replace("rotate gp", "rotate gp2").replace("revoke gp", "revoke gp2")
                     .replace("gp-key", "gp2-key"), folder, address)  # fmt: skip
        assert done.returncode == 0, (command, done.stderr)
    assert "gp2  revoked" in typed("passerelle clients list", folder, address).stdout


def test_every_option_of_registration_is_described() -> None:
    shown = subprocess.run([sys.executable, "-m", "fhir_server", "clients", "add", "--help"], capture_output=True, text=True, check=True)
    options = set(re.findall(r"--[a-z-]+", shown.stdout)) - {"--help", "--id", "--data", "--database", "--config"}
    assert {option for option in options if f"`{option}" not in SECURITY} == set()


def test_the_example_of_issuers_is_read_and_every_key_is_described() -> None:
    found = re.search(r"^    # issuers\.toml\n((?:    .*\n|\n)*)", SECURITY, re.MULTILINE)
    assert found
    issuers = read_issuers(tomllib.loads(re.sub("^    ", "", found[1], flags=re.MULTILINE)), lambda _: "secret")
    assert {one.name: one.acr for one in issuers.values()} == {"pro-sante-connect": ("eidas1",), "hospital": ()}
    written = set(Issuer.__struct_fields__) - {"name", "jwks", "introspection_secret", "smart_scopes"} | {
        "jwks_file",
        "introspection_secret_file",
    }
    assert {key for key in written if f"`{key}`" not in SECURITY} == set()
