"""The format of map files: what it can say, and that every mistake is told with file and line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from adapters.hl7v2.language import Hl7v2Language
from adapters.hl7v2.message import Message
from adapters.hl7v2.sender import SenderSettings
from adapters.hl7v2.unread import unread
from adapters.mapping.explain import explanation
from adapters.mapping.maps import load_library
from adapters.mapping.run import Run
from adapters.mapping.source import MapError

HEADER = "map: trial\ntitle: A trial\nof: hl7v2\nstart: [thing]\nresources:\n  thing:\n    type: Basic\n    set:\n"
IDENTIFIER = "      identifier: [{system: =urn:x, value: PID-3.id}]\n"
MESSAGE = "\r".join(
    [
        "MSH|^~\\&|A|CHU",
        "PID|1||7^^^A&1.2.3&ISO^PI~8^^^B^INS||DUPONT^Ana^^^^^L~X^^^^^^D||19400517|F|||1 rue A^^Ville^^33000^^H",
        "ROL|1||ODRP",
        "ROL|2||XX",
    ]
)
TABLE = {
    "resourceType": "ConceptMap",
    "name": "Letters",
    "group": [
        {
            "source": "s",
            "target": "t",
            "element": [{"code": "F", "target": [{"code": "f"}]}, {"code": "M", "target": [{"equivalence": "unmatched"}]}],
        }
    ],
}


def load(folder: Path, text: str, traced: bool = False, **files: str) -> Any:
    (folder / "concept-maps").mkdir(exist_ok=True)
    (folder / "concept-maps" / "letters.json").write_text(json.dumps(TABLE))
    for name, content in files.items():
        (folder / f"{name}.yaml").write_text(content)
    (folder / "trial.yaml").write_text(text)
    return load_library({"hl7v2": Hl7v2Language()}, folder, traced=traced).maps["trial"]


def run(folder: Path, elements: str, message: str = MESSAGE, **files: str) -> Run:
    found: Run = load(folder, HEADER + IDENTIFIER + elements, **files).run(Message.from_text(message), SenderSettings())
    return found


def value(folder: Path, rule: str, message: str = MESSAGE) -> Any:
    return run(folder, f"      x: {rule}\n", message).entries[0].resource.get("x")


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("=a text", "a text"),
        ("true", True),
        ("=NO", "NO"),
        ("PID-3.id", "7"),
        ("PID-3.authority", "A"),
        ("PID-3.authority.universalId", "1.2.3"),
        ("PID-5.family", "DUPONT"),
        ("PID-30", None),
        ("ZZZ-1", None),
        ("PID-7 | date", "1940-05-17"),
        ("PID-8 | lower", "f"),
        ("PID-8 | code letters", "f"),
        ("PID-8 | coding letters", {"system": "t", "code": "f"}),
        ("PID-8 | codings letters", [{"system": "t", "code": "f"}]),
        ("PID-3.authority | naming-system pi", "urn:oid:1.2.3"),
        ('"={PID-5.given} {PID-5.family}"', "Ana DUPONT"),
        ('"={PID-30} {PID-5.family}"', None),
        ('"={PID-30?}-{PID-5.family}"', "-DUPONT"),
        ('"={PID-30?}{PID-5.family} | lower"', "dupont"),
        ('"={PID-8 | code letters}/x"', "f/x"),
        ("[PID-5.given, PID-30, PID-5.family]", ["Ana", "DUPONT"]),
        ("[PID-30]", None),
        ("{$first: [PID-30, PID-8, PID-7]}", "F"),
        ("{a: =fixed, b: PID-8}", {"a": "fixed", "b": "F"}),
        ("{a: =fixed, b: PID-30}", None),
        ("{a: =fixed}", {"a": "fixed"}),
        ("{$value: =yes, $when: PID-8 = F}", "yes"),
        ("{$value: =yes, $when: PID-8 = M}", None),
        ("[{$each: PID-3, value: CX.id, $when: CX.type = PI}]", [{"value": "7"}]),
        ("{$first: [{$each: PID-3, $value: CX.type}]}", "PI"),
        ("[{$each: PID-3, a: {b: CX.id}}]", [{"a": {"b": "7"}}, {"a": {"b": "8"}}]),
        ("[{$each: ROL, r: ROL-1}]", [{"r": "1"}, {"r": "2"}]),
        ("[{$each: [PID-5, PID-3], n: XPN.type, i: CX.id}]",
         [{"n": "L", "i": "7"}, {"n": "L", "i": "8"}, {"n": "D", "i": "7"}, {"n": "D", "i": "8"}]),
    ],
)  # fmt: skip
def test_rules(rule: str, expected: Any, tmp_path: Path) -> None:
    assert value(tmp_path, rule) == expected


def test_an_unknown_code_is_left_out_and_noted_a_known_one_without_match_only_left_out(tmp_path: Path) -> None:
    for code, notes in (("Q", 1), ("M", 0)):
        done = run(tmp_path, "      x: PID-8 | code letters\n", MESSAGE.replace("|F|", f"|{code}|"))
        assert "x" not in done.entries[0].resource
        assert len(done.notes) == notes
        assert not any(code in note.split(":")[0] for note in done.notes)


def test_two_quotation_marks_are_a_deletion_where_the_resource_itself_has_the_element(tmp_path: Path) -> None:
    elements = "      x: PID-8\n      y: {z: PID-8, w: PID-7}\n      t: [{$each: PID-13, $delete: {use: home}, v: XTN.number}]\n"
    done = run(tmp_path, elements, MESSAGE.replace("|F|", '|""|') + "\rPID|x")
    assert done.entries[0].deleted == {"x": [{}]}
    assert done.entries[0].resource["y"] == {"w": "19400517"}
    done = run(tmp_path, elements, MESSAGE.replace("^^H\r", '^^H||""\r'))
    assert done.entries[0].deleted == {"t": [{"use": "home"}]}


BLOCK = "blocks:\n  address:\n    of: XAD\n    set: {use: =home, city: XAD.city}\n"


def test_a_block_is_taken_over_and_its_elements_may_be_said_anew(tmp_path: Path) -> None:
    text = BLOCK + HEADER + IDENTIFIER + "      x: [{$each: PID-11, $use: address, use: =temp}]\n"
    done = load(tmp_path, text).run(Message.from_text(MESSAGE), None)
    assert done.entries[0].resource["x"] == [{"use": "temp", "city": "Ville"}]


def test_a_file_takes_over_another_and_says_elements_anew(tmp_path: Path) -> None:
    base = "resources:\n  thing:\n    type: Basic\n    set:\n" + IDENTIFIER + "      a: =base\n      b: =base\n"
    text = "map: trial\ntitle: T\nof: hl7v2\nuse: [base.yaml]\nstart: [thing]\nresources:\n  thing:\n    set:\n      b: =mine\n"
    (resource,) = [entry.resource for entry in load(tmp_path, text, base=base).run(Message.from_text(MESSAGE), None).entries]
    assert (resource["a"], resource["b"]) == ("base", "mine")


OTHER = (
    "  other:\n    type: Organization\n    of: CX\n    display: CX.authority\n"
    "    set:\n      identifier: [{$when: CX.type = PI, value: CX.id}]\n"
)


def test_a_reference_makes_the_resource_once_and_one_without_identifier_is_only_named(tmp_path: Path) -> None:
    elements = "      x: [{$each: PID-3, $reference: other}]\n      y: [{$each: PID-3, $reference: other}]\n"
    done = load(tmp_path, HEADER + IDENTIFIER + elements + OTHER).run(Message.from_text(MESSAGE), None)
    organization, thing = done.entries
    assert organization.resource["identifier"] == [{"value": "7"}]
    assert thing.resource["x"] == [{"reference": organization.full_url, "display": "A"}, {"display": "B"}]
    assert thing.resource["x"] == thing.resource["y"]


def test_the_same_input_makes_the_same_full_urls(tmp_path: Path) -> None:
    first, second = (run(tmp_path, "").entries[0].full_url for _ in range(2))
    assert first == second
    assert first.startswith("urn:uuid:")


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        (HEADER + IDENTIFIER + "      x: PID-3.nothing\n", 10, "CX has no component nothing"),
        (HEADER + IDENTIFIER + "      x: pid.3\n", 10, "is not a path"),
        (HEADER + IDENTIFIER + "      x: CX.id\n", 10, "no \\$each has bound CX"),
        (HEADER + IDENTIFIER + "      x: PID-8.code\n", 10, "simple value"),
        (HEADER + IDENTIFIER + "      x: PID-8 | code missing\n", 10, "no ConceptMap missing"),
        (HEADER + IDENTIFIER + "      x: PID-8 | shout\n", 10, "no function shout"),
        (HEADER + IDENTIFIER + "      x:\n        a: =1\n        b: [{$each: PID-3, $when: CX.id ==, a: =1}]\n", 12, "the condition"),
        (HEADER + IDENTIFIER + "      x: {$reference: nobody}\n", 10, "no resource nobody"),
        (HEADER + IDENTIFIER + "      x: {$use: nothing}\n", 10, "no block nothing"),
        (BLOCK + HEADER + IDENTIFIER + "      x: {$use: address}\n", 14, "no \\$each has bound"),
        (HEADER + IDENTIFIER + "      x: {$evry: PID-3, a: =1}\n", 10, "evry"),
        (HEADER + IDENTIFIER + "      x: {$reference: thing}\n      x: =2\n", 11, "twice"),
        (HEADER + IDENTIFIER + "colour: blue\n", 10, "colour"),
        (HEADER + IDENTIFIER + "      x:\n", 10, "None is not of type"),
        (HEADER.replace("[thing]", "[thong]") + IDENTIFIER, 4, "no resource thong"),
        (HEADER.replace("hl7v2", "cobol") + IDENTIFIER, 3, "no source format cobol"),
        (HEADER.replace("title: A trial\n", "") + IDENTIFIER, 1, "title"),
        (HEADER + IDENTIFIER + "   x: [", 10, "not YAML"),
        (HEADER + IDENTIFIER + "      x: !!python/object:os.system 1\n", 10, "no meaning here"),
        ("use: [nowhere.yaml]\n" + HEADER + IDENTIFIER, 1, "no file nowhere.yaml"),
        ("use: [trial.yaml]\n" + HEADER + IDENTIFIER, 1, "uses itself"),
    ],
)
def test_a_mistake_is_told_with_file_and_line(text: str, line: int, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(MapError, match=f"trial.yaml:{line}: .*{sentence}"):
        load(tmp_path, text)


def test_a_file_that_is_no_concept_map_is_told_by_name(tmp_path: Path) -> None:
    (tmp_path / "concept-maps").mkdir()
    (tmp_path / "concept-maps" / "broken.json").write_text('{"resourceType": "Patient"}')
    with pytest.raises(MapError, match=r"broken\.json: is a Patient"):
        load(tmp_path, HEADER + IDENTIFIER)


def test_the_trace_says_which_line_filled_which_element_and_what_was_not_read(tmp_path: Path) -> None:
    text = HEADER + IDENTIFIER + "      x: [{$each: PID-11, city: XAD.city}]\n"
    done = load(tmp_path, text, traced=True).run(Message.from_text(MESSAGE), SenderSettings())
    traced = {(one.element, one.line, one.value) for one in done.trace}
    assert ("Basic.identifier[0].value", 9, "7") in traced
    assert ("Basic.x[0].city", 10, "Ville") in traced
    left = unread(done)
    assert "PID-7.1" in left
    assert "PID-11[1].3" not in left
    assert "PID-11.3" not in left
    assert "ROL[2]-3.1" in left
    assert "trial.yaml:10  Basic.x[0].city = Ville" in explanation(done, left)


def test_a_code_that_a_table_does_not_have_is_noted_with_its_field(tmp_path: Path) -> None:
    table = {"resourceType": "ConceptMap", "name": "SomeName", "group": [{"element": [{"code": "L", "target": [{"code": "official"}]}]}]}
    (tmp_path / "concept-maps").mkdir()
    (tmp_path / "concept-maps" / "uses.json").write_text(json.dumps(table))
    text = HEADER + IDENTIFIER + "      x: [{$each: PID-11, use: XAD.type | code uses, city: XAD.city}]\n"
    done = load(tmp_path, text).run(Message.from_text(MESSAGE), SenderSettings())
    assert done.notes == ["PID-11.7 has a code that the table uses does not have; it was left out"]
