"""fhirpy, as an integrator's script uses it."""

from __future__ import annotations

import sys
from importlib.util import find_spec

import pytest

from tests.interop.conftest import Database
from tests.interop.peer_client import HERE, steps, verdict

pytestmark = pytest.mark.skipif(find_spec("fhirpy") is None, reason="fhirpy is not installed (make install)")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, database: Database) -> dict[str, str]:
    return verdict([sys.executable, str(HERE / "fhirpy_client.py")], tmp_path_factory.mktemp("fhirpy"), database())


@pytest.mark.parametrize("step", steps("fhirpy_client.py", r"^    (\w+),$"))
def test_fhirpy_can(told: dict[str, str], step: str) -> None:
    assert told[step] == "ok"
