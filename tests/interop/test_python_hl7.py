"""python-hl7's `mllp_send`, with which many an integrator tries a listener first."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.process import Process
from tests.hl7v2.conftest import MESSAGES
from tests.interop.conftest import Database
from tests.patience import PATIENCE
from tests.ports import free_port

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory, database: Database) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("listener")
    port = free_port()
    command = ["-m", "fhir_server", "serve", "--data", str(folder / "data"), "--port", str(port), "--mllp-port", "0", *database()]
    with Process([*command, "--log-format", "json"], port, folder / "server.log") as server:
        yield server.announced("mllp_port")


def mllp_send(port: int, file: Path, *options: str) -> str:
    program = Path(sys.executable).with_name("mllp_send")
    command = [str(program), "--port", str(port), "--file", str(file), *options, "127.0.0.1"]
    return subprocess.run(command, capture_output=True, timeout=PATIENCE, check=True).stdout.decode("utf-8", "replace")


@pytest.mark.parametrize("file", sorted(MESSAGES.glob("*.er7")), ids=lambda file: file.stem)
def test_a_file_of_one_message_is_sent_and_answered(port: int, file: Path) -> None:
    assert "MSA|AA|" in mllp_send(port, file, "--loose")


def test_many_messages_of_one_file_are_each_answered(port: int, tmp_path: Path) -> None:
    stream = tmp_path / "many.mllp"
    messages = [file.read_bytes() for file in sorted(MESSAGES.glob("a0*.er7"))]
    stream.write_bytes(b"".join(b"\x0b" + one + b"\x1c\r" for one in messages))
    assert mllp_send(port, stream).count("MSA|AA|") == len(messages)
