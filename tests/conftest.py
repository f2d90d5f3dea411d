"""What several test folders share: the R4 definitions and the folder of test material nobody here wrote."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fhir_server.definitions.definitions import Definitions, load_definitions


@pytest.fixture(scope="session")
def definitions() -> Definitions:
    """R4 core as `make install` left it in the package cache."""
    return load_definitions()


@pytest.fixture
def run() -> Iterator[Callable[[Awaitable[Any]], Any]]:
    """Run a coroutine to its end on the loop of this test."""
    with asyncio.Runner() as runner:

        def call(awaitable: Awaitable[Any]) -> Any:
            async def main() -> Any:
                return await awaitable

            return runner.run(main())

        yield call


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder named by PASSERELLE_TEST_DATA (default ../shared/data); the test is skipped where it is absent."""
    folder = Path(os.environ.get("PASSERELLE_TEST_DATA", "../shared/data"))
    if not folder.is_dir():
        pytest.skip(f"test material not found in {folder} (set PASSERELLE_TEST_DATA)")
    return folder
