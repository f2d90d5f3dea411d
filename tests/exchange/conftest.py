"""The fixtures of the HL7 v2 tests, for the intake is tested with real messages; and a worker on a simulated clock, with one partner."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_server.store.opening import now
from fhir_server.store.store import Store
from tests.exchange.bench import Bench
from tests.exchange.partner import HOUR, Clock, Partner, Partners
from tests.hl7v2.conftest import endpoint, intake, interpreter, library, message

__all__ = ["endpoint", "intake", "interpreter", "library", "message"]


@pytest.fixture
def clock() -> Clock:
    return Clock(now() + HOUR)


@pytest.fixture
def partner(clock: Clock) -> Partner:
    return Partner(clock)


@pytest.fixture
def bench(store: Store, run: Any, clock: Clock, partner: Partner) -> Bench:
    return Bench(store, run, clock, Partners(chu=partner))
