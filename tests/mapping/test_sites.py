"""Sites: a sender's own meaning on top of the maps, and mistakes in it told with file and line."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hl7apy import SUPPORTED_LIBRARIES

from adapters.hl7v2.adt import AdtInterpreter, load_maps
from adapters.hl7v2.data_types import data_types
from adapters.hl7v2.message import Message
from adapters.hl7v2.sender import SenderSettings
from adapters.mapping.maps import Library
from adapters.mapping.source import MapError

MESSAGES = Path(__file__).parents[1] / "hl7v2" / "messages"
HEAD = 'site: chu\ntitle: A hospital of its own\nof: hl7v2\nsenders: ["DPI-EXEMPLE|CHU-EXEMPLE"]\n'
REASON = "resources:\n  encounter:\n    set:\n      reasonCode: [{text: '=Motif : {PV2-3.text}'}]\n"
OTHER = b"|DPI-EXEMPLE|AUTRE|"


@pytest.fixture
def sites(tmp_path: Path) -> Callable[[str], Library]:
    def load(text: str) -> Library:
        (tmp_path / "chu.yaml").write_text(text, "utf-8")
        return load_maps(sites=tmp_path)

    return load


def mapped(library: Library, name: str, *, sender: bytes = b"|DPI-EXEMPLE|CHU-EXEMPLE|") -> dict[str, Any]:
    """What a message becomes, by the name of the resource in its map."""
    raw = (MESSAGES / f"{name}.er7").read_bytes().replace(b"|DPI-EXEMPLE|CHU-EXEMPLE|", sender)
    message = Message.parse(raw)
    run = AdtInterpreter(library).map_for(message).run(message, SenderSettings())
    return {one.template: one.resource for one in run.entries}


def test_a_site_says_one_element_anew_and_the_rest_stays(sites: Callable[[str], Library]) -> None:
    library = sites(HEAD + REASON)
    own, common = mapped(library, "a01_admission"), mapped(load_maps(), "a01_admission")
    assert own["encounter"].pop("reasonCode") == [{"text": "Motif : Bilan de chutes répétées"}]
    common["encounter"].pop("reasonCode")
    assert own == common


def test_other_senders_are_not_concerned(sites: Callable[[str], Library]) -> None:
    assert mapped(sites(HEAD + REASON), "a01_admission", sender=OTHER) == mapped(load_maps(), "a01_admission", sender=OTHER)


def test_what_a_map_does_not_have_is_not_for_that_map(sites: Callable[[str], Library]) -> None:
    assert mapped(sites(HEAD + REASON), "appointments/siu_s12_nouveau") == mapped(load_maps(), "appointments/siu_s12_nouveau")


def test_a_site_may_name_the_maps_it_changes(sites: Callable[[str], Library]) -> None:
    library = sites(HEAD + "maps: [adt_a03]\n" + REASON)
    assert mapped(library, "a01_admission")["encounter"]["reasonCode"] == [{"text": "Bilan de chutes répétées"}]


def test_a_site_has_tables_of_its_own(sites: Callable[[str], Library], tmp_path: Path) -> None:
    (tmp_path / "concept-maps").mkdir()
    group = {"target": "http://hl7.org/fhir/administrative-gender", "element": [{"code": "F", "target": [{"code": "other"}]}]}
    table = {"resourceType": "ConceptMap", "name": "Own", "group": [group]}
    (tmp_path / "concept-maps" / "administrative-gender.json").write_text(json.dumps(table))
    assert mapped(sites(HEAD), "a01_admission")["patient"]["gender"] == "other"


def test_a_site_may_require_more_and_waive(sites: Callable[[str], Library]) -> None:
    required = {
        path for path, _ in sites(HEAD + "require: [PV2-3]\nwaive: [MSH-10]\n").of_sender("DPI-EXEMPLE|CHU-EXEMPLE")["adt_a01"].required
    }
    assert "PV2-3" in required
    assert "MSH-10" not in required


def test_a_site_may_read_segments_of_its_own(sites: Callable[[str], Library]) -> None:
    sites(HEAD + REASON.replace("PV2-3.text", "ZZZ-99"))


def test_no_segment_has_more_fields_than_the_oracle_knows() -> None:
    segments = [import_module(f"{library}.segments").SEGMENTS for library in SUPPORTED_LIBRARIES.values()]
    known = {name: max(_last(one[name]) for one in segments if name in one) for name in data_types().fields}
    assert data_types().fields == known


def _last(segment: Sequence[Any]) -> int:
    fields = segment[1] if len(segment) > 1 else ()
    return max((int(field[0].rpartition("_")[2]) for field in fields), default=0)


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        (HEAD + "resources:\n  encountre:\n    set:\n      status: =x\n", 6, "no resource encountre"),
        (HEAD + "maps: [adt_a77]\n", 5, "no map adt_a77"),
        (HEAD.replace("hl7v2", "cobol"), 3, "no map of the source format cobol"),
        (HEAD.replace('["DPI-EXEMPLE|CHU-EXEMPLE"]', '["DPI"]'), 4, "'DPI' is not right: a sender is MSH-3 and MSH-4 with . between them"),
        (HEAD + "colour: blue\n", 5, "'colour' means nothing here .there are: map, site"),
        (HEAD + "resources:\n  patient: {gender: PID-8}\n", 6, "resources.patient: 'gender' means nothing here .there are: type, of"),
        (HEAD + "waive: [PV1-77]\n", 5, "nothing requires PV1-77, so there is nothing to waive .required are: MRG-1.id"),
        (HEAD + "require: [PV1-77]\n", 5, "PV1 has no field 77 .it has 54"),
        (HEAD + REASON.replace("PV2-3", "PVX-3"), 8, "there is no segment PVX"),
        (HEAD + REASON.replace("{text: '=Motif : {PV2-3.text}'}", "{$each: NKA, text: NKA-3}"), 8, "there is no segment NKA"),
        (HEAD.replace('["DPI-EXEMPLE|CHU-EXEMPLE"]', '["A|B", "A|B"]'), 4, "another site"),
        (HEAD.replace("title: A hospital of its own\n", ""), 1, "title"),
        (HEAD + "resources:\n  encounter:\n    set:\n      reasonCode: [{text: PV2-3.texte}]\n", 8, "no component texte"),
        ("map: mine\ntitle: t\nof: hl7v2\nstart: [x]\n", 1, "holds no maps"),
    ],
)
def test_a_mistake_is_told_with_file_and_line(text: str, line: int, sentence: str, sites: Callable[[str], Library]) -> None:
    with pytest.raises(MapError, match=f"chu.yaml:{line}: .*{sentence}"):
        sites(text)
