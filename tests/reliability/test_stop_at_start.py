"""A server that is told to stop while it starts stops, instead of starting to serve."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from fhir_server import app
from fhir_server.assembly import Parts
from fhir_server.settings import load_settings


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_during_the_start_is_not_lost(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[str] = []
    assembled = app.assembled

    @asynccontextmanager
    async def told_to_stop_meanwhile(*arguments: Any, **options: Any) -> AsyncIterator[Parts]:
        os.kill(os.getpid(), number)
        async with assembled(*arguments, **options) as parts:
            yield parts
        left.append("parts")

    async def serving(*_: Any) -> None:
        left.append("served")

    monkeypatch.setattr(app, "assembled", told_to_stop_meanwhile)
    monkeypatch.setattr(uvicorn.Server, "serve", serving)
    app.serve(load_settings({"data": tmp_path, "mllp": False}, None))
    assert left == ["parts"]
