"""Files that are not what they seem are refused in a sentence; the import goes on."""

from __future__ import annotations

import bz2
import gzip
import json
import zlib
from pathlib import Path
from typing import Any

import pytest

from fhir_server.interactions import Interactions
from fhir_server.model.issue import Category, FhirError
from fhir_server.transfer import source
from fhir_server.transfer.exporting import export
from fhir_server.transfer.importing import Importer
from fhir_server.transfer.source import Document, documents
from tests.interactions.conftest import interactions  # noqa: F401 - a fixture
from tests.security.local_server import local_server, reply


@pytest.mark.parametrize("entry", [[3], [{"resource": 3}], 3, {"resource": {}}, ["x"]])
def test_a_collection_whose_entries_are_no_entries_is_refused(interactions: Interactions, run: Any, entry: Any) -> None:  # noqa: F811
    content = json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entry}).encode()
    importer = Importer(interactions)
    run(importer.load(Document("odd.json", content, is_ndjson=False, is_xml=False, size=1)))
    assert importer.tally.stored == 0
    assert "Bundle.entry" in importer.tally.refusals[0]


def test_a_packed_file_that_is_damaged_inside_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = bytearray(gzip.compress(b'{"resourceType":"Patient"}' * 1000))
    packed[12:40] = b"\xff" * 28
    (tmp_path / "p.json.gz").write_bytes(packed)
    with pytest.raises((OSError, zlib.error, EOFError)):
        gzip.decompress(bytes(packed))
    with pytest.raises(FhirError, match="cannot be read"):
        list(documents(str(tmp_path / "p.json.gz"), ()))


@pytest.mark.parametrize(("suffix", "pack"), [("gz", gzip.compress), ("bz2", bz2.compress)])
def test_what_a_url_unpacks_to_is_capped_too(monkeypatch: pytest.MonkeyPatch, suffix: str, pack: Any) -> None:
    monkeypatch.setattr(source, "MAX_BYTES", 1000)
    with local_server(lambda _: reply(pack(b" " * 5000))) as port, pytest.raises(FhirError) as refused:
        list(documents(f"http://localhost:{port}/p.json.{suffix}", ()))
    assert refused.value.category is Category.TOO_LARGE


def test_an_export_of_a_type_that_is_none_leaves_no_file(interactions: Interactions, run: Any, tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "out").mkdir()
    with pytest.raises(FhirError):
        run(export(interactions, tmp_path / "out", ["Patient", "../Patiant"]))
    assert list(tmp_path.rglob("*.partial")) == []
