"""`passerelle id check`: identifiers as arguments or lines, explained, with a status."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from fhir_server.cli import main


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Any:
    """`run(arguments)` gives status, standard output and standard error."""

    def run_(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            main(["id", "check", *arguments])
        told = capsys.readouterr()
        return int(end.value.code or 0), told.out, told.err

    return run_


def test_a_sound_one_is_explained_and_status_0(run: Any) -> None:
    status, out, _ = run("279035121518989", "--kind", "ins-nir")
    assert status == 0
    assert out.startswith("279035121518989: ins-nir: right. INS-NIR, the health identity by the NIR: sex 2 (female), ")
    assert "department of birth 51 (Marne)" in out


def test_a_wrong_one_says_the_right_key_and_status_1(run: Any) -> None:
    status, out, _ = run("123456789012244", "--kind", "ins-nir")
    assert status == 1
    assert "The key should be 12, not 44" in out


def test_without_a_kind_all_that_fit_are_told(run: Any) -> None:
    status, out, _ = run("10002422979")
    kinds = [line.split(": ")[1] for line in out.splitlines()]
    assert (status, "rpps" in kinds, "siren" in kinds) == (0, True, False)
    status, out, _ = run("750803447")
    assert "finess" in [line.split(": ")[1] for line in out.splitlines()]


def test_a_wrong_key_is_not_excused_by_a_kind_that_has_none(run: Any) -> None:
    status, out, _ = run("10002422978")
    assert status == 1
    assert [line.split(". ")[0] for line in out.splitlines()] == [
        "10002422978: rpps: wrong",
        "10002422978: adeli-rang: right in form, and has no key",
    ]
    assert run("750803448")[0] == 1
    assert run("0123456789012345678901")[0] == 0  # an INS-C, of which only the form is known


def test_what_fits_no_kind_is_status_1(run: Any) -> None:
    status, out, _ = run("x")
    assert (status, "No kind of identifier" in out) == (1, True)


def test_lines_of_standard_input_are_read(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("10002422979\n\n 10002422978 \n"))
    status, out, _ = run("-", "--kind", "rpps", "--lang", "fr")
    assert status == 1
    assert [line.split(". ")[0] for line in out.splitlines()] == ["10002422979: rpps: juste", "10002422978: rpps: faux"]


def test_json_has_parts_and_faults(run: Any) -> None:
    status, out, _ = run("10002422979", "10002422978", "--kind", "rpps", "--format", "json")
    right, wrong = json.loads(out)
    assert status == 1
    assert right["kinds"][0]["parts"][1] == {"name": "key", "text": "9", "meaning": ""}
    assert (right["kinds"][0]["valid"], right["kinds"][0]["faults"]) == (True, [])
    assert [fault["id"] for fault in wrong["kinds"][0]["faults"]] == ["identifier-key"]


@pytest.mark.parametrize(("arguments", "words"), [(["1", "--kind", "rps"], "ins-nir, ins-nia"), (["-"], "nothing to check")])
def test_what_cannot_run_is_status_2(run: Any, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    status, _, err = run(*arguments)
    assert (status, words in err) == (2, True)


def test_what_people_write_with_spaces_is_said_to_be_without(run: Any) -> None:
    status, out, _ = run("2 79 03 51 215 189 89")
    assert (status, out.endswith("Identifiers are written without spaces, points and dashes: 279035121518989.\n")) == (1, True)


def test_a_list_in_another_encoding_is_read_all_the_same(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    given = io.TextIOWrapper(io.BytesIO(b"\xff\xfe\n750803447\n"), encoding="utf-8", errors="surrogateescape")
    for form in ("json", "text"):
        given.seek(0)
        monkeypatch.setattr("sys.stdin", given)
        status, out, _ = run("-", "--format", form)
        assert (status, "750803447" in out) == (1, True)
