"""Servers that tests may kill."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reliability.server_process import ForkedServer, ServerProcess


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    process = ServerProcess(tmp_path / "data")
    yield process
    process.stop()


@pytest.fixture
def any_server(tmp_path: Path, database_url: str) -> Iterator[ServerProcess]:
    """Forked, on each store in turn."""
    process = ForkedServer(tmp_path / "data", PASSERELLE_DATABASE=database_url)
    yield process
    process.stop()
