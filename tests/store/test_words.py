"""Words of texts: any text can be indexed and found again by its own words, on each store (https://hl7.org/fhir/R4/search.html#text)."""

from __future__ import annotations

import asyncio
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fhir_server.search.clause import TextClause
from fhir_server.search.dialect import POSTGRESQL, SQLITE
from fhir_server.search.words import MAX_CHARACTERS, text_matches, text_rows, word_vector, words_of
from fhir_server.store.postgresql.connection import WRITER, connect
from fhir_server.store.sqlite.migration import migrate

TEXTS = [
    "Née à Œuvilly l’été", "a'b\\c:d|e&f!g", "39,5°C", "ﬁn ½ ² ٣ ß İ", "x" * 300, "日本語 テキスト", "𝔘𝔫𝔦 𒀀", "\0nul\x01", "a_b__c",
    "1e5 0x1F",
]  # fmt: skip


@pytest.mark.parametrize(("text", "words"), [
    ("", []), (" - ", []), ("One TWO\t3_4\x1c5", ["one", "two", "3", "4", "5"]), ("x" * 250, ["x" * 100, "x" * 100, "x" * 50]),
    ("Noël l'été", ["noel", "l", "ete"]), ("39°C", ["39", "c"]), ("日本", ["日本"]),
])  # fmt: skip
def test_words_are_what_stands_between_other_characters(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def resource(narrative: str, other: str) -> dict[str, object]:
    return {"resourceType": "Basic", "text": {"div": f"<div>{narrative}</div>"}, "code": {"text": other}}


@pytest.mark.parametrize("text", [*TEXTS, "mot " * 100_000, "é" * 200_000, " ".join(chr(0x4E00 + one) * 90 for one in range(5000))])
def test_any_text_is_found_by_its_words_on_both(postgresql_url: str, text: str) -> None:
    narrative, content = text_rows(resource("autre", text))[0]
    words = words_of(text)
    clauses = [TextClause(tuple(words[:3]), False), TextClause((words[0],), False, True), TextClause(("autre",), True)]
    assert sqlite_finds(narrative, content, clauses) == [True, True, True]
    assert postgresql_finds(postgresql_url, narrative, content, clauses) == [True, True, True]


def sqlite_finds(narrative: str, content: str, clauses: list[TextClause]) -> list[bool]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    connection.execute("INSERT INTO index_text (rowid, narrative, content) VALUES (1, ?, ?)", (narrative, content))
    asked = (SQLITE.statement(text_matches("t", one, SQLITE)) for one in clauses)
    return [bool(connection.execute(f"SELECT 1 FROM index_text t WHERE {one.sql}", one.values).fetchall()) for one in asked]


def postgresql_finds(url: str, narrative: str, content: str, clauses: list[TextClause]) -> list[bool]:
    async def found() -> list[bool]:
        connection = await connect(url, WRITER)
        try:
            await connection.execute("INSERT INTO index_text VALUES (1, $1::text::tsvector)", word_vector(narrative, content))
            asked = [POSTGRESQL.statement(text_matches("t", one, POSTGRESQL)) for one in clauses]
            return [bool(await connection.fetch(f"SELECT 1 FROM index_text t WHERE {one.sql}", *one.values)) for one in asked]
        finally:
            await connection.close()

    return asyncio.run(found())


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_words_are_the_same_however_often_they_are_folded(text: str) -> None:
    words = words_of(text)
    assert words_of(" ".join(words)) == words
    assert all(word and len(word) <= 100 for word in words)
    assert len(words_of(text * 10)) <= MAX_CHARACTERS
