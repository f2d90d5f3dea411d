"""One server at a time on a data folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from fhir_server.model.issue import Category, FhirError
from fhir_server.one_server import only_server
from tests.patience import PATIENCE
from tests.ports import free_port
from tests.reliability.server_process import ServerProcess


def test_a_second_server_on_the_same_folder_is_told_so(tmp_path: Path) -> None:
    with only_server(tmp_path), pytest.raises(FhirError, match="Another server is running") as refused, only_server(tmp_path):
        pass
    assert refused.value.category is Category.BUSY


def test_the_folder_is_free_again_after_a_server_was_killed(server: ServerProcess) -> None:
    server.start()
    ports = ["--port", str(free_port()), "--mllp-port", str(free_port())]
    second = [sys.executable, "-m", "fhir_server", "serve", "--data", str(server.data), *ports]
    told = subprocess.run(second, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert told.returncode == 2
    assert "Another server is running" in told.stderr
    server.kill()
    server.start()
    assert server.count("Patient") == 0
