"""The command `passerelle`: quick, whole where a part is broken, its statuses as documented."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from fhir_server import cli
from fhir_server.settings import Settings
from tests.cold_start import cold_start
from tests.patience import PATIENCE

TOP = Path(__file__).parents[2]


def passerelle(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PASSERELLE_")}
    command = [sys.executable, "-m", "fhir_server", *arguments]
    return subprocess.run(command, cwd=TOP, env=clean | environment, capture_output=True, text=True, timeout=PATIENCE, check=False)


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The same within this process: a second less for each call."""
    for name in [name for name in os.environ if name.startswith("PASSERELLE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(TOP)

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        with pytest.raises(SystemExit) as ended:
            cli.main(arguments)
        told = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, int(ended.value.code or 0), told.out, told.err)

    return call


def test_help_lists_the_commands_with_their_purpose():
    done = passerelle("--help")
    assert done.returncode == 0
    for name in ("serve", "packages", "config", "health", "version"):
        assert f"{name}  " in done.stdout
        assert cli.COMMANDS[name] in done.stdout


def test_help_loads_no_part_of_the_server_and_does_little():
    """Twice the calls that it took when this was written; what it takes in seconds, benchmarks/cold_start.py tells."""
    start = cold_start("--help")
    heavy = {"pydantic", "starlette", "fastapi", "lxml", "structlog", "fhir_server.settings", "fhir_server.store"}
    assert not heavy & start.modules
    assert start.calls < 140_000


@pytest.mark.parametrize("name", [name for name in cli.COMMANDS if cli._is_there(name)])
def test_every_command_explains_itself(name, called):
    done = called(name, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"Usage: passerelle {name}" in done.stdout


def test_every_command_file_is_a_command():
    files = {path.stem.rstrip("_") for path in (TOP / "fhir_server" / "commands").glob("[a-z]*.py")} - {"options"}
    assert files <= {*cli.COMMANDS}, "name it in fhir_server.cli.COMMANDS, or move it where it belongs"


def test_a_command_that_cannot_be_loaded_says_so_and_leaves_the_others_working(monkeypatch, capsys):
    monkeypatch.setattr(cli, "_module", lambda name: "fhir_server.commands.version" if name == "version" else "no_such_package.at_all")
    monkeypatch.setattr(cli, "_is_there", lambda _: True)
    with pytest.raises(SystemExit) as ended:
        cli.main(["serve"])
    assert ended.value.code == 2
    assert "The command serve cannot be loaded" in capsys.readouterr().err
    with pytest.raises(SystemExit) as ended:
        cli.main(["version"])
    assert ended.value.code == 0


@pytest.mark.parametrize("command", [["serve"], ["config", "check"]])
def test_every_setting_is_an_option(command):
    shown = passerelle(*command, "--help", COLUMNS="200").stdout
    missing = [name for name in Settings.model_fields if f"--{name.replace('_', '-')}" not in shown]
    assert not missing


def test_config_check_says_value_and_origin_of_every_setting():
    done = passerelle("config", "check", "--port", "9", PASSERELLE_MLLP_PORT="10")
    assert done.returncode == 0
    assert "port = 9    [option --port]" in done.stdout
    assert "mllp_port = 10    [environment PASSERELLE_MLLP_PORT]" in done.stdout
    assert [name for name in Settings.model_fields if f"\n{name} = " not in "\n" + done.stdout] == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["serv"], "Did you mean 'serve'?"),
        (["serve", "--port", "x"], "--port"),
        (["serve", "--host", "0.0.0.0"], "authentication = required"),
        (["serve", "--mllp-host", "::"], "authentication = required"),
        (["serve", "--host", "0.0.0.0", "--authentication", "required"], "tls_certificate and tls_key, or proxy_addresses"),
        (["config", "check", "--zone", "Mars"], "zone: 'Mars'"),
        (["config", "check", "--identifier-checks-of", "rps=off"], "rps is no kind of identifier; choose among ins-nir"),
        (["config", "check", "--config", "/no/such/file"], "does not exist"),
        (["packages", "add", "/no/such/file.tgz"], "There is no file"),
        (["packages", "add", "nonsense"], "NAME@VERSION"),
        (["health", "--server", "file:///etc/passwd"], "http://"),
    ],
)
def test_what_cannot_be_run_ends_with_status_2_and_a_reason(arguments, words, called):
    done = called(*arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_health_of_a_server_that_does_not_answer_is_status_1():
    done = passerelle("health", "--server", "http://127.0.0.1:1")
    assert done.returncode == 1
    assert "does not answer" in done.stderr


def test_what_commands_write_is_for_this_user_only(tmp_path):
    assert passerelle("demo", "load", "--data", str(tmp_path / "data")).returncode == 0
    written = [tmp_path / "data", *(tmp_path / "data").iterdir()]
    assert len(written) > 1
    assert [path.name for path in written if path.stat().st_mode & 0o077] == []


def test_a_port_that_is_taken_is_status_2_and_named(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = passerelle("serve", "--data", str(tmp_path), "--port", str(port), "--no-mllp")
    assert done.returncode == 2
    assert f"127.0.0.1:{port}" in done.stderr
    assert "--port" in done.stderr
