"""The wheel, built from this checkout and installed with the locked dependencies into an empty environment elsewhere, works there."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.patience import PATIENCE
from tests.ports import free_port

TOP = Path(__file__).parents[2]
PLACES = {
    "fhir_server": "fhir_server",
    "adapters": "adapters",
    "mappings": "adapters/mapping/files",
    "docs": "fhir_server/console/docs",
    "profiles/stories": "fhir_server/demo/guide",
}
"""Where the folders of the checkout are in the wheel."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(TOP)]
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)
    return next(folder.glob("passerelle-*.whl"))


@pytest.fixture(scope="module")
def elsewhere(wheel, tmp_path_factory) -> Path:
    """The folder of the commands of an environment that holds the wheel and what the lock names, and nothing of the checkout."""
    folder = tmp_path_factory.mktemp("elsewhere") / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True, timeout=PATIENCE)
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"), "install", "--quiet", "--no-compile"]
    subprocess.run([*pip, "--require-hashes", "-r", str(TOP / "requirements.lock")], check=True, timeout=3 * PATIENCE)
    subprocess.run([*pip, "--no-deps", str(wheel)], check=True, timeout=PATIENCE)
    return folder / "bin"


def files_below(top: str) -> list[str]:
    paths = (path for path in (TOP / top).rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return [path.relative_to(TOP).as_posix() for path in paths]


def environment(home: Path) -> dict[str, str]:
    """As little as a service has; the package cache of this machine, so that R4 is not fetched again."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "TMPDIR") or name.startswith(("PIP_", "SSL_"))}
    (home / ".fhir").symlink_to(Path.home() / ".fhir")
    return kept | {"HOME": str(home)}


@contextmanager
def served(commands: Path, folder: Path) -> Iterator[str]:
    """A server of the installed package, its working folder elsewhere; stopped by SIGTERM, which must end it well."""
    port = free_port()
    (folder / "home").mkdir()
    command = [str(commands / "passerelle"), "serve", "--data", str(folder / "data"), "--port", str(port), "--mllp-port", str(free_port())]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment(folder / "home"), stdout=log, stderr=log)
    try:
        _wait_until_ready(f"http://127.0.0.1:{port}", process, folder / "server.log")
        yield f"http://127.0.0.1:{port}"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=PATIENCE) == 0, (folder / "server.log").read_text()
    finally:
        process.kill()
        process.wait()


def _wait_until_ready(base: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(base + "/health/ready", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the server was not ready in {PATIENCE} s:\n{log.read_text()}")


def get(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
        content: bytes = answer.read()
        return content


def test_the_wheel_holds_every_file_of_the_packages_the_mappings_and_the_docs(wheel):
    held = set(zipfile.ZipFile(wheel).namelist())
    wanted = {name.replace(f"{top}/", f"{place}/", 1) for top, place in PLACES.items() for name in files_below(top)}
    assert any(name.endswith(".sql") for name in wanted)
    assert wanted - held == set()


def test_the_wheel_holds_nothing_else(wheel):
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {re.sub(r"^passerelle-.*", "passerelle", top) for top in tops} == {"adapters", "fhir_server", "passerelle"}


def test_the_wheel_carries_the_licence_and_the_notices(wheel):
    names = {Path(name).name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" in name}
    assert {"LICENSE", "NOTICE"} <= names


def test_the_installed_command_works_and_is_not_the_checkout(elsewhere, tmp_path):
    script = "import fhir_server, adapters; print(fhir_server.__file__, adapters.__file__)"
    shown = subprocess.run([str(elsewhere / "python"), "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert str(TOP) + "/" not in shown
    version = subprocess.run([str(elsewhere / "passerelle"), "version"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert re.fullmatch(r"passerelle \d+\.\d+\.\d+\n", version)


def test_the_mappings_are_found_in_the_installed_package(elsewhere, tmp_path):
    script = "from adapters.mapping.document import default_folder; print(*(p.name for p in default_folder().iterdir()))"
    shown = subprocess.run([str(elsewhere / "python"), "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert "hl7v2" in shown.split()


def test_the_installed_server_starts_says_what_it_can_do_and_stops_well(elsewhere, tmp_path):
    with served(elsewhere, tmp_path) as base:
        statement = json.loads(get(base + "/fhir/metadata"))
        assert (statement["resourceType"], statement["fhirVersion"]) == ("CapabilityStatement", "4.0.1")
        assert json.loads(get(base + "/health/ready"))["status"] == "ok"
        assert b"passerelle_http_requests_total" in get(base + "/metrics")
    assert (tmp_path / "data" / "passerelle.db").is_file()
