"""Words of the narrative and of the whole resource, for `_text` and `_content` (https://hl7.org/fhir/R4/search.html#text).

What is indexed and what is searched is folded and cut into words here, in the same way for every database; the databases
only find words. Markup is no text, nor are references, URLs and binary data.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache
from typing import Any

from fhir_server.search.clause import TextClause
from fhir_server.search.dialect import Dialect, Sql, Whole
from fhir_server.search.types.string import LETTERS

MAX_WORDS = 10_000
"""Words of a resource that are indexed; what follows cannot be found by `_text` and `_content`."""

MAX_CHARACTERS = 100_000
"""Of a narrative, and of the other texts together; a vector of PostgreSQL holds 1 MiB."""

MAX_PLACES = 250
"""Places of one word that are told to PostgreSQL, which keeps 255."""

LONGEST = 100
"""Characters of a word; a longer one is cut into pieces."""

_WORD = re.compile(rf"[^\W_]{{1,{LONGEST}}}")
_ONLY_WORDS = "".join(letter if letter.isalnum() else " " for letter in map(chr, range(128)))
_NOT_ASCII = re.compile(r"[^\x00-\x7f]{1,100}")
_MARKUP = re.compile(r"<[^>]*>")
_NOT_TEXT = frozenset((
    "resourceType", "id", "meta", "data", "div", "contentType", "language",
    "reference", "system", "url", "fullUrl", "profile", "valueUri", "valueUrl", "valueCanonical", "valueBase64Binary",
))  # fmt: skip
"""Members that are not written for people, and the narrative, which is read apart."""


def words_of(text: str) -> list[str]:
    """The words of a text in order, folded: "Fièvre à 39°" -> ["fievre", "a", "39"]; a very long one in pieces."""
    folded = _folded(text[:MAX_CHARACTERS])[:MAX_CHARACTERS]
    words = folded.translate(_ONLY_WORDS).split() if folded.isascii() else []  # four times as fast as to look for words
    if words and max(map(len, words)) <= LONGEST:
        return words[:MAX_WORDS]
    return _WORD.findall(folded)[:MAX_WORDS]


def _folded(text: str) -> str:
    """As `fhir_server.search.types.string.fold` has it, but for the spaces."""
    if text.isascii():
        return text.lower()
    return _NOT_ASCII.sub(_folded_letters, text).casefold()


def _folded_letters(found: re.Match[str]) -> str:
    return _folded_piece(found[0])


@lru_cache(maxsize=1 << 13)
def _folded_piece(text: str) -> str:
    """Folding looks at one character at a time, so what is not ASCII can be folded by itself."""
    letters = unicodedata.normalize("NFKD", text.casefold().translate(LETTERS))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def text_rows(resource: dict[str, Any]) -> list[tuple[str, str]]:
    """The words of the narrative and of the rest, each joined by spaces: one row, or none where there is no word."""
    narrative, content = " ".join(narrative_words(resource)), " ".join(content_words(resource))
    return [(narrative, content)] if narrative or content else []


def narrative_words(resource: dict[str, Any]) -> list[str]:
    """The words that the narrative shows."""
    text = resource.get("text")
    div = text.get("div") if isinstance(text, dict) else None
    if not isinstance(div, str):
        return []
    return words_of(html.unescape(_MARKUP.sub(" ", div)))


def content_words(resource: dict[str, Any]) -> list[str]:
    """The words of all other texts."""
    texts: list[str] = []
    _add_texts(resource, texts)
    return words_of(" ".join(texts))


def _add_texts(value: dict[str, Any], texts: list[str]) -> None:
    for name, member in value.items():
        if name not in _NOT_TEXT:
            if type(member) is str:
                texts.append(member)
            elif type(member) is dict:
                _add_texts(member, texts)
            elif type(member) is list:
                _add_items(member, texts)


def _add_items(items: list[Any], texts: list[str]) -> None:
    for item in items:
        if type(item) is str:
            texts.append(item)
        elif type(item) is dict:
            _add_texts(item, texts)
        elif type(item) is list:
            _add_items(item, texts)


def word_vector(narrative: str, content: str) -> str:
    """A row of `text_rows` as the text of a PostgreSQL tsvector: places of the narrative are marked A, and no phrase leads out of it."""
    places: dict[str, str] = {}
    words = narrative.split()
    _add_places(words, 1, "A", places)
    _add_places(content.split(), len(words) + 2, "", places)
    return " ".join([f"'{word}':{found if len(found) < MAX_PLACES else _first_places(found)}" for word, found in places.items()])


def _add_places(words: list[str], first: int, mark: str, places: dict[str, str]) -> None:
    for place, word in enumerate(words, first):
        found = places.get(word)
        if found is None:
            places[word] = f"{place}{mark}"
        elif len(found) < _ENOUGH:
            places[word] = f"{found},{place}{mark}"


_ENOUGH = 7 * MAX_PLACES
"""Characters that hold MAX_PLACES places of five digits, a mark and a comma each."""


def _first_places(found: str) -> str:
    return ",".join(found.split(",")[:MAX_PLACES])


def text_pk(alias: str, dialect: Dialect) -> str:
    """The pk of a row of index_text, which in SQLite is a table of its full-text search."""
    return f"{alias}.rowid" if dialect.name == "sqlite" else f"{alias}.pk"


def text_matches(alias: str, clause: TextClause, dialect: Dialect) -> Sql:
    """The row of index_text of this alias has the clause's words one after the other."""
    if dialect.name == "sqlite":
        phrase = f'"{" ".join(clause.words)}"{"*" if clause.is_beginning else ""}'
        return Sql(f"{alias}.index_text MATCH ?", (f"narrative : {phrase}" if clause.narrative_only else phrase,))
    marks = "A" if clause.narrative_only else ""
    ends = [*("" for _ in clause.words[1:]), "*" if clause.is_beginning else ""]
    lexemes = [f"'{word}':{end}{marks}".rstrip(":") for word, end in zip(clause.words, ends, strict=True)]
    return Sql(f"{alias}.words @@ CAST(? AS tsquery)", (Whole(" <-> ".join(lexemes)),))
