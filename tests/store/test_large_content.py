"""Large contents are written in pieces and read as they were."""

from __future__ import annotations

import pytest

from fhir_server.model.issue import FhirError
from fhir_server.search.rows import IndexRows
from fhir_server.store.change import Body, Commit, Deletion, Write
from fhir_server.store.large_content import LARGE, PIECE

from .conftest import written


def binary(id_: str, size: int, letter: bytes = b"A") -> Write:
    resource = {"resourceType": "Binary", "contentType": "text/plain", "data": "AA=="}
    return Write("Binary", id_, Body.of(resource, id_, letter * size), IndexRows())


def data_of(content: bytes) -> bytes:
    return content.rpartition(b'"data":"')[2].removesuffix(b'"}')


@pytest.mark.parametrize("size", [4, LARGE - PIECE, LARGE, LARGE + PIECE // 3, 3 * LARGE + 4])
def test_content_of_any_size_comes_back(store, run, size):
    (result,) = run(store.commit(Commit([binary("b", size)])))
    found = run(store.read("Binary", "b"))
    assert found == result.stored
    assert data_of(found.content) == b"A" * size


def test_large_and_small_ones_go_together_and_versions_are_kept(store, run):
    run(store.commit(Commit([binary("b", LARGE), written("Patient", "p"), binary("c", LARGE + 4, b"C")])))
    assert run(store.commit(Commit([binary("b", LARGE)])))[0].status == "unchanged"
    run(store.commit(Commit([binary("b", 2 * LARGE, b"B")])))
    run(store.commit(Commit([Deletion("Binary", "b")])))
    contents = [run(store.vread("Binary", "b", version)).content for version in (1, 2)]
    assert [data_of(one)[:1] * len(data_of(one)) for one in contents] == [b"A" * LARGE, b"B" * 2 * LARGE]
    assert run(store.read("Binary", "b")).deleted
    assert data_of(run(store.read("Binary", "c")).content) == b"C" * (LARGE + 4)
    assert run(store.read("Patient", "p")).content


def test_a_refused_commit_leaves_nothing_of_it(store, run):
    with pytest.raises(FhirError):
        run(store.commit(Commit([binary("b", LARGE), written("Patient", "p", if_match=3)])))
    assert run(store.read("Binary", "b")) is None


def test_data_that_stays_apart_makes_the_same_bytes():
    whole = {"resourceType": "Binary", "id": "b", "meta": {"profile": ["p"]}, "contentType": "a/b", "data": "QUJD"}
    apart = Body.of(whole | {"data": "AA=="}, "b", b"QUJD")
    assert apart.render(2, 0) == Body.of(whole, "b").render(2, 0)
