"""Maps change while the program runs; a change that cannot be used changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.hl7v2.adt import load_maps
from adapters.mapping.live import watch
from adapters.mapping.maps import Library
from tests.patience import PATIENCE

SITE = 'site: chu\ntitle: A hospital of its own\nof: hl7v2\nsenders: ["A|B"]\n'


async def until(happened: Callable[[], bool]) -> None:
    """Wait for what the watcher does in its own time; the test's own limit ends it."""
    while not happened():  # noqa: ASYNC110 - what is waited for is a log line or a list, not an event
        await asyncio.sleep(0.01)


def test_a_new_site_is_used_and_a_broken_one_is_not(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    used: list[Library] = []

    async def scene() -> None:
        watching = asyncio.create_task(watch([tmp_path], lambda: load_maps(sites=tmp_path), used.append, seconds=0.01))
        await asyncio.sleep(0.05)
        (tmp_path / "chu.yaml").write_text(SITE)
        await until(lambda: len(used) == 1)
        (tmp_path / "chu.yaml").write_text(SITE + "colour: blue\n")
        await until(lambda: "cannot be used" in caplog.text)
        (tmp_path / "chu.yaml").unlink()
        await until(lambda: len(used) == 2)
        watching.cancel()

    asyncio.run(asyncio.wait_for(scene(), PATIENCE))
    assert [list(library.sites) for library in used] == [["A|B"], []]
    assert "chu.yaml:5" in caplog.text
