"""Messages of our own (fictive persons, INS of the test range) and what takes them in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.exchange.intake import Intake
from adapters.hl7v2.adt import AdtInterpreter, load_maps
from adapters.mapping.maps import Library
from tests.memory_endpoint import MemoryEndpoint

MESSAGES = Path(__file__).with_name("messages")
Edit = Callable[[bytes], bytes]


@pytest.fixture
def message() -> Callable[..., bytes]:
    """`message("a01_admission", (b"|F|", b"|M|"))`: a message of the folder, with texts replaced (each must occur)."""

    def read(name: str, *replaced: tuple[bytes, bytes]) -> bytes:
        content = (MESSAGES / f"{name}.er7").read_bytes()
        for old, new in replaced:
            assert old in content, old
            content = content.replace(old, new)
        return content

    return read


@pytest.fixture(scope="session")
def library() -> Library:
    return load_maps()


@pytest.fixture
def endpoint() -> MemoryEndpoint:
    return MemoryEndpoint()


@pytest.fixture
def interpreter(library: Library) -> AdtInterpreter:
    return AdtInterpreter(library, now=lambda: datetime(2026, 3, 1, 12, tzinfo=UTC), new_id=lambda: "ANSWER-1")


@pytest.fixture
def intake(endpoint: MemoryEndpoint, interpreter: AdtInterpreter) -> Intake:
    return Intake(endpoint, endpoint.inbox, interpreter, pauses=(0.01,))
