"""A search by identifier is answered where it is asked, unless it turns out long: then a thread answers it, and nobody waits for it."""

from zoneinfo import ZoneInfo

import pytest

from fhir_server.search.extract import IndexExtractor
from fhir_server.search.query import parse_query
from fhir_server.search.selectivity import finds_few
from fhir_server.store.change import Body, Commit, Write
from fhir_server.store.sqlite.at_once import STEPS, TOO_LONG, AtOnce
from fhir_server.store.sqlite.connection import connect
from fhir_server.store.sqlite.searching import search

COUNTING = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) SELECT count(*) FROM n"


@pytest.fixture
def at_once(tmp_path):
    connect(tmp_path / "one.db").close()
    opened = AtOnce(tmp_path / "one.db")
    yield opened
    opened.close()


def test_what_is_short_is_done_however_often_it_is_asked(at_once):
    answers = {at_once.tried(lambda connection: connection.execute(COUNTING.format(5)).fetchone()[0]) for _ in range(10 * STEPS // 50)}
    assert answers == {5}


def test_what_is_long_is_given_up_and_what_follows_is_answered(at_once):
    for _ in range(3):
        assert at_once.tried(lambda connection: connection.execute(COUNTING.format(10 * STEPS)).fetchone()) is TOO_LONG
        assert at_once.tried(lambda connection: connection.execute(COUNTING.format(5)).fetchone()) == (5,)


@pytest.mark.parametrize(
    ("asked", "few"),
    [
        ([("identifier", "urn:a|1")], True),
        ([("identifier", "1,2")], True),
        ([("_id", "1")], True),
        ([("status", "active"), ("_id", "1")], True),
        ([("_id:not", "1")], False),
        ([("identifier:not", "urn:a|1")], False),
        ([("identifier", "urn:a|")], False),
        ([("identifier:missing", "false")], False),
        ([("status", "active")], False),
        ([], False),
    ],
)
def test_only_what_names_resources_is_tried(definitions, asked, few):
    assert finds_few(parse_query("Encounter", asked, definitions).clauses) is few


@pytest.mark.parametrize(("number", "threads"), [(0, 0), (1, 0), (400, 1)])
def test_all_are_found_however_many_have_the_identifier(sqlite_store, run, definitions, monkeypatch, number, threads):
    extractor = IndexExtractor(definitions, ZoneInfo("Europe/Paris"), None)
    run(sqlite_store.commit(Commit([_patient(extractor, f"p{one}") for one in range(number)])))
    handed_over = []
    in_thread = sqlite_store._in_thread
    monkeypatch.setattr(sqlite_store, "_in_thread", lambda work: handed_over.append(work) or in_thread(work))
    query = parse_query("Patient", [("identifier", "urn:a|1"), ("_count", "1000"), ("_total", "none")], definitions)
    found = run(sqlite_store.search(query)).matches
    assert {stored.id for stored in found} == {f"p{one}" for one in range(number)}
    assert len(handed_over) == threads


def test_what_is_given_up_again_and_again_leaves_no_transaction_open(sqlite_store, run, definitions):
    extractor = IndexExtractor(definitions, ZoneInfo("Europe/Paris"), None)
    run(sqlite_store.commit(Commit([_patient(extractor, f"p{one}") for one in range(400)])))
    query = parse_query("Patient", [("identifier", "urn:a|1"), ("_total", "accurate")], definitions)
    opened = AtOnce(sqlite_store.path)
    for _ in range(STEPS):
        assert opened.tried(lambda connection: search(connection, query)) is TOO_LONG
        assert not opened.tried(lambda connection: connection.in_transaction)
    opened.close()


def _patient(extractor, id_):
    resource = {"resourceType": "Patient", "id": id_, "identifier": [{"system": "urn:a", "value": "1"}]}
    return Write("Patient", id_, Body.of(resource, id_), extractor.extract(resource, id_), True)
