"""HL7's Java validator says valid or invalid as ours does, on inputs that nobody fitted to either."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.validation_inputs import Input, inputs, profile
from benchmarks.validation_peer import measure, with_profile
from fhir_server.validation.validator import Validator
from tests.interop.hapi_peer import Peer, absent, build, running

pytestmark = [pytest.mark.slow, pytest.mark.skipif(absent() is not None, reason=str(absent()))]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("peer")


@pytest.fixture(scope="module")
def peer(folder: Path) -> Iterator[Peer]:
    definition = Input("profile", profile(), True).write(folder)
    with running(build(folder), [definition]) as peer:
        yield peer


@pytest.fixture(scope="module")
def validator() -> Validator:
    return Validator(with_profile())


@pytest.mark.parametrize("one", inputs(), ids=lambda one: one.name)
def test_both_validators_give_the_verdict_that_is_right(peer: Peer, validator: Validator, folder: Path, one: Input) -> None:
    result = measure(peer, validator, one, folder, 0.01)
    assert (result.errors == 0, result.their_errors == 0) == (one.is_valid, one.is_valid)
