"""Answers packed as the client takes them, bodies packed as it likes (https://www.rfc-editor.org/rfc/rfc9110#section-8.4)."""

from __future__ import annotations

import gzip

import pytest

from fhir_server.rest.compression import COMPRESSED_FROM, accepted_coding

LONG = {"resourceType": "Patient", "id": "p1", "name": [{"text": f"Martin {number}"} for number in range(1000)]}


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        ("gzip", "gzip"),
        ("br", "br"),
        ("gzip, br", "br"),
        ("gzip, deflate, br;q=0.5", "gzip"),
        ("*", "br"),
        ("*;q=0.5, br;q=0", "gzip"),
        ("identity", None),
        ("gzip;q=0.5, identity", None),
        ("gzip;q=0", None),
        ("zstd", None),
        ("", None),
    ],
)
def test_the_coding_is_the_best_that_both_know(header, coding):
    assert accepted_coding(header) == coding


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_a_long_answer_is_packed_and_says_the_same(client, coding):
    client.put("/Patient/p1", LONG)
    plain = client.get("/Patient/p1", accept_encoding="identity")
    packed = client.get("/Patient/p1", accept_encoding=coding)
    assert packed.headers["content-encoding"] == coding
    assert int(packed.headers["content-length"]) < len(plain.content) / 4
    assert packed.content == plain.content


def test_a_short_answer_goes_as_it_is(client):
    client.put("/Patient/p1", {"resourceType": "Patient", "id": "p1"})
    answer = client.get("/Patient/p1", accept_encoding="gzip, br")
    assert len(answer.content) < COMPRESSED_FROM
    assert "content-encoding" not in answer.headers


def test_packing_can_be_left_to_a_proxy(serve):
    client = serve(compress=False)
    client.put("/Patient/p1", LONG)
    assert "content-encoding" not in client.get("/Patient/p1", accept_encoding="gzip").headers


def test_a_bomb_is_refused_before_it_is_unpacked(serve):
    client = serve(max_body_bytes=100_000)
    bomb = gzip.compress(b" " * 50_000_000)
    assert len(bomb) < 100_000
    assert client.post("/Patient", bomb, content_encoding="gzip").status_code == 413


@pytest.mark.parametrize("coding", ["br", "deflate", "gzip, gzip"])
def test_a_coding_that_is_not_read_is_415(client, issue_of, coding):
    answer = client.post("/Patient", b"x", content_encoding=coding)
    assert answer.status_code == 415
    assert "gzip" in issue_of(answer)["diagnostics"]
