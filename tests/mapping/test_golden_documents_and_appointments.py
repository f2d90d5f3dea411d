"""Documents and appointments mapped to what a person has read and found right (tests/mapping/golden).

After a wanted change: `PASSERELLE_RENEW_GOLDEN=1 pytest tests/mapping`, then read the difference.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from adapters.hl7v2.adt import AdtInterpreter, load_maps
from adapters.hl7v2.message import Message
from adapters.hl7v2.sender import SenderSettings
from adapters.mapping.maps import Library
from adapters.mapping.run import Run
from tests.leaves import filled, made

HERE = Path(__file__).parent
MESSAGES = sorted(file for kind in ("documents", "appointments") for file in (HERE.parent / "hl7v2" / "messages" / kind).glob("*.er7"))


@pytest.fixture(scope="module")
def traced() -> Library:
    return load_maps(traced=True)


@pytest.fixture(scope="module")
def plain() -> Library:
    return load_maps()


def mapped(library: Library, file: Path) -> Run:
    message = Message.parse(file.read_bytes())
    return AdtInterpreter(library).map_for(message).run(message, SenderSettings())


def told(run: Run) -> list[dict[str, object]]:
    return [{"template": one.template, "fullUrl": one.full_url, "resource": one.resource, "deleted": one.deleted} for one in run.entries]


@pytest.mark.parametrize("file", MESSAGES, ids=lambda file: file.stem)
def test_the_message_becomes_what_was_found_right(file: Path, plain: Library) -> None:
    run = mapped(plain, file)
    assert run.notes == []
    golden = HERE / "golden" / f"{file.stem}.json"
    text = json.dumps(told(run), ensure_ascii=False, indent=1) + "\n"
    if os.environ.get("PASSERELLE_RENEW_GOLDEN"):
        golden.write_text(text, "utf-8")
    assert text == golden.read_text("utf-8")


@pytest.mark.parametrize("file", MESSAGES, ids=lambda file: file.stem)
def test_tracing_changes_nothing_and_accounts_for_every_value(file: Path, traced: Library, plain: Library) -> None:
    run = mapped(traced, file)
    assert told(run) == told(mapped(plain, file))
    assert filled(run) == made(run)
