"""HL7's Java validator, with our package loaded, says of every example of the guide what ours says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from fhir_server.definitions.definitions import guide_folder
from fhir_server.inspection.example import broken_rule
from tests.interop.hapi_peer import Peer, absent, build, running
from tests.profiles.test_examples import examples, name
from tests.profiles.test_stories import STORIES

pytestmark = [pytest.mark.slow, pytest.mark.skipif(absent() is not None, reason=str(absent()))]


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    kinds = ("StructureDefinition", "CodeSystem", "ValueSet", "Questionnaire", "Measure")
    definitions = [path for path in sorted(guide_folder().glob("*-*.json")) if path.name.startswith(kinds)]
    with running(build(tmp_path_factory.mktemp("peer")), definitions) as peer:
        yield peer


def errors(peer: Peer, path: Path) -> list[str]:
    return [issue["text"] for issue in peer.validate(path)["issues"] if issue["severity"] in ("error", "fatal")]


@pytest.mark.parametrize("path", examples("good"), ids=name)
def test_the_peer_finds_a_good_example_valid(peer: Peer, path: Path) -> None:
    assert errors(peer, path) == []


@pytest.mark.parametrize("path", examples("wrong"), ids=name)
def test_the_peer_finds_the_rule_broken_too(peer: Peer, path: Path) -> None:
    _, _, fragment = str(broken_rule(json.loads(path.read_bytes()))).partition("#")
    found = errors(peer, path)
    assert found
    assert "." in fragment or fragment in " ".join(found), f"the peer does not name {fragment}: {found}"


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_the_peer_finds_a_story_valid(peer: Peer, path: Path) -> None:
    assert errors(peer, path) == []
