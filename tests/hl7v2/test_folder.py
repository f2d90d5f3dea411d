"""The watched folder: each file is taken whole, once, and is afterwards in one place with its acknowledgements."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.exchange.answer import Answer
from adapters.exchange.intake import Intake
from adapters.exchange.oversized import Oversized
from adapters.hl7v2.acknowledgement import acknowledgement_code
from adapters.hl7v2.adt import AdtInterpreter
from adapters.hl7v2.batch import read_messages
from adapters.hl7v2.folder import WatchedFolder
from adapters.hl7v2.peer import Peer
from adapters.hl7v2.reception import Reception
from fhir_server.model.issue import Category
from tests.memory_endpoint import MemoryEndpoint

Read = Callable[..., bytes]
BHS = b"BHS|^~\\&|GAM|CHU|PASSERELLE|DAC|20260101||||B1\r"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "hl7"


@pytest.fixture
def watched(folder: Path, intake: Intake, interpreter: AdtInterpreter) -> WatchedFolder:
    reception = Reception(intake, interpreter)
    made = WatchedFolder(folder, reception.receive, reception.oversized, limit=20_000, pause=0.01)
    made._prepare()
    return made


def looks(watched: WatchedFolder, times: int = 2) -> int:
    """How many files were taken in so many looks."""

    async def run() -> int:
        return sum([await watched.look() for _ in range(times)])

    return asyncio.run(run())


def files(folder: Path) -> dict[str, list[str]]:
    """Folder -> names; "" are those that wait."""
    found = {where.name: sorted(one.name for one in where.iterdir()) for where in folder.iterdir() if where.is_dir()}
    return {where: names for where, names in {"": [one.name for one in folder.iterdir() if one.is_file()], **found}.items() if names}


def codes(folder: Path, name: str) -> list[str]:
    answered = read_messages((folder / "acknowledgements" / name).read_bytes()).messages
    return [acknowledgement_code(one) for one in answered]


def test_a_file_of_messages_is_done_with_its_acknowledgements(
    folder: Path, watched: WatchedFolder, message: Read, endpoint: MemoryEndpoint
) -> None:
    (folder / "night.hl7").write_bytes(BHS + message("a01_admission") + message("a03_sortie_domicile") + b"BTS|2\r")
    assert looks(watched) == 1
    assert files(folder) == {"done": ["night.hl7"], "acknowledgements": ["night.hl7.ack"]}
    assert codes(folder, "night.hl7.ack") == ["AA", "AA"]
    assert [row.status for row in endpoint.inbox.rows] == ["processed"] * 2


def test_a_file_with_a_refused_message_is_failed_and_its_other_messages_are_taken(
    folder: Path, watched: WatchedFolder, message: Read
) -> None:
    bad = message("a01_admission", (b"|19400517|", b"|19401317|"), (b"|M0001|", b"|M9|"))
    (folder / "mixed.hl7").write_bytes(bad + message("a01_admission"))
    looks(watched)
    assert files(folder) == {"failed": ["mixed.hl7"], "acknowledgements": ["mixed.hl7.ack"]}
    assert codes(folder, "mixed.hl7.ack") == ["AE", "AA"]


@pytest.mark.parametrize("content", [BHS + b"MSH|x\r", b"", b"PDF-1.7"])
def test_a_file_that_is_not_whole_says_why_and_nothing_of_it_is_used(
    content: bytes, folder: Path, watched: WatchedFolder, endpoint: MemoryEndpoint
) -> None:
    (folder / "half.hl7").write_bytes(content)
    looks(watched)
    assert files(folder) == {"failed": ["half.hl7"], "acknowledgements": ["half.hl7.error"]}
    assert (folder / "acknowledgements" / "half.hl7.error").read_text().strip().endswith((".", "whole."))
    assert endpoint.inbox.rows == []


@pytest.mark.parametrize("most", [30_000, 10_000])
def test_of_a_file_that_is_too_large_the_inbox_keeps_the_beginning_of_the_message(
    most: int, folder: Path, watched: WatchedFolder, message: Read, endpoint: MemoryEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One message over the limit, or a whole file; the file stays, and nothing of it is used."""
    monkeypatch.setattr("adapters.hl7v2.folder.MOST_BYTES", most)
    large = message("a01_admission") + b"NTE|1||" + b"x" * 20_000 + b"\r"
    (folder / "large.hl7").write_bytes(BHS + large + b"BTS|1\r")
    looks(watched)
    assert files(folder) == {"failed": ["large.hl7"], "acknowledgements": ["large.hl7.error"]}
    (row,) = endpoint.inbox.rows
    assert (row.sender, row.key, row.status, large.startswith(row.raw[:20_000])) == ("DPI-EXEMPLE|CHU-EXEMPLE", "M0001", "failed", True)


def test_a_file_that_still_grows_is_left_until_it_rests(folder: Path, watched: WatchedFolder, message: Read) -> None:
    raw, file = message("a01_admission"), folder / "slow.hl7"
    for end in (200, 400, len(raw)):
        file.write_bytes(raw[:end])
        assert looks(watched, 1) == 0
    assert looks(watched, 1) == 1
    assert codes(folder, "slow.hl7.ack") == ["AA"]


@pytest.mark.parametrize("name", ["x.tmp", "x.PART", ".hidden", "x.filepart"])
def test_files_that_are_being_written_are_not_looked_at(name: str, folder: Path, watched: WatchedFolder) -> None:
    (folder / name).write_bytes(b"MSH")
    assert looks(watched, 3) == 0


def test_links_are_not_followed(folder: Path, watched: WatchedFolder, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"MSH|secret")
    (folder / "link.hl7").symlink_to(tmp_path / "secret")
    assert looks(watched, 3) == 0


def test_what_a_crash_left_begun_is_done_again_and_applied_once(
    folder: Path, watched: WatchedFolder, message: Read, endpoint: MemoryEndpoint
) -> None:
    (folder / "twice.hl7").write_bytes(message("a01_admission"))
    looks(watched)
    os.rename(folder / "done" / "twice.hl7", folder / "working" / "twice.hl7")
    assert looks(watched, 1) == 1
    assert files(folder) == {"done": ["twice.hl7"], "acknowledgements": ["twice.hl7.ack"]}
    assert len(endpoint.transactions) == 1


def test_another_file_of_the_same_name_replaces_nothing(folder: Path, watched: WatchedFolder, message: Read) -> None:
    for name in ("a01_admission", "a03_sortie_domicile"):
        (folder / "same.hl7").write_bytes(message(name))
        looks(watched)
    assert files(folder) == {"done": ["same.hl7", "same.hl7.1"], "acknowledgements": ["same.hl7.1.ack", "same.hl7.ack"]}


def test_what_could_not_be_stored_is_tried_until_it_is(
    folder: Path, watched: WatchedFolder, message: Read, endpoint: MemoryEndpoint
) -> None:
    endpoint.inbox.broken = Category.STORAGE
    (folder / "full.hl7").write_bytes(message("a01_admission"))

    tries: list[bytes] = []
    receive = watched._receive

    async def mended_after_three(raw: bytes, peer: Peer) -> Answer:
        tries.append(raw)
        if len(tries) == 3:
            assert files(folder) == {"working": ["full.hl7"]}
            endpoint.inbox.broken = None
        return await receive(raw, peer)

    watched._receive = mended_after_three
    looks(watched)
    assert len(tries) == 3
    assert codes(folder, "full.hl7.ack") == ["AA"]


def test_a_stop_leaves_a_file_begun_for_the_next_start(folder: Path, message: Read) -> None:
    taken: list[bytes] = []

    async def one_then_stop(raw: bytes, _: Peer) -> Answer:
        taken.append(raw)
        watched._stopping.set()
        return Answer(b"MSH|^~\\&|\rMSA|AA|1\r")

    async def none_is_too_large(_message: Oversized, _peer: Peer) -> None:
        raise AssertionError

    watched = WatchedFolder(folder, one_then_stop, none_is_too_large)
    watched._prepare()
    (folder / "long.hl7").write_bytes(message("a01_admission") * 3)
    looks(watched)
    assert len(taken) == 1
    assert files(folder) == {"working": ["long.hl7"]}


def test_the_application_acknowledgement_is_what_is_written(folder: Path, watched: WatchedFolder, message: Read) -> None:
    (folder / "enhanced.hl7").write_bytes(message("a01_admission", (b"2.5^FRA^2.11|||||FRA", b"2.5^FRA^2.11|||AL|AL|FRA")))
    looks(watched)
    assert codes(folder, "enhanced.hl7.ack") == ["AA"]
