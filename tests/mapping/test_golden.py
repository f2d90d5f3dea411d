"""Every message of ours mapped to what a person has read and found right (tests/mapping/golden).

After a wanted change: `PASSERELLE_RENEW_GOLDEN=1 pytest tests/mapping/test_golden.py`, then read the difference.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from adapters.hl7v2.adt import load_maps
from adapters.hl7v2.leniency import mended
from adapters.hl7v2.message import Message
from adapters.hl7v2.sender import SenderSettings
from adapters.hl7v2.unread import unread
from adapters.mapping.maps import Library
from adapters.mapping.run import Run
from tests.leaves import filled, made

HERE = Path(__file__).parent
MESSAGES = sorted((HERE.parent / "hl7v2" / "messages").glob("*.er7"))


@pytest.fixture(scope="module")
def traced() -> Library:
    return load_maps(traced=True)


@pytest.fixture(scope="module")
def plain() -> Library:
    return load_maps()


def mapped(library: Library, file: Path) -> Run:
    message, _ = mended(Message.parse(file.read_bytes()))
    map_ = library.accepting("event", message.text("MSH", 9, 2))
    assert map_ is not None
    return map_.run(message, SenderSettings())


def told(run: Run) -> list[dict[str, object]]:
    return [{"template": one.template, "fullUrl": one.full_url, "resource": one.resource, "deleted": one.deleted} for one in run.entries]


@pytest.mark.parametrize("file", MESSAGES, ids=lambda file: file.stem)
def test_the_message_becomes_what_was_found_right(file: Path, plain: Library) -> None:
    golden = HERE / "golden" / f"{file.stem}.json"
    text = json.dumps(told(mapped(plain, file)), ensure_ascii=False, indent=1) + "\n"
    if os.environ.get("PASSERELLE_RENEW_GOLDEN"):
        golden.write_text(text, "utf-8")
    assert text == golden.read_text("utf-8")


@pytest.mark.parametrize("file", MESSAGES, ids=lambda file: file.stem)
def test_tracing_changes_nothing_and_accounts_for_every_value(file: Path, traced: Library, plain: Library) -> None:
    run = mapped(traced, file)
    assert told(run) == told(mapped(plain, file))
    assert all(line.file.endswith(".yaml") and line.line > 0 for line in run.trace)
    assert filled(run) == made(run)


def test_the_fields_that_no_line_reads_are_known(traced: Library) -> None:
    left = unread(mapped(traced, HERE.parent / "hl7v2" / "messages" / "a01_admission.er7"))
    assert {place.split("-")[0] for place in left} == {"MSH", "EVN", "PID", "ROL", "PV1", "ZBE", "ZFD"}
    assert not [place for place in left if place.startswith(("PID-7", "PID-8", "PV1-19.1", "ZBE-1.1", "ZBE-2", "ZFM"))]
