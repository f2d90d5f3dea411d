"""The values of `_text` and `_content`: words, phrases, `and`, `or`, `not`, parentheses (https://hl7.org/fhir/R4/search.html#text).

Words beside one another must all be there; `and` binds more closely than `or`; `"two words"` follow one another; `hypert*` is a beginning.
"""

from __future__ import annotations

import re

from fhir_server.search.clause import AndClause, Clause, NotClause, OrClause, TextClause
from fhir_server.search.scope import Scope, malformed
from fhir_server.search.words import words_of

MAX_DEPTH = 20
"""Parentheses and `not` inside one another."""

_TOKEN = re.compile(r'\s*(?:([()])|"([^"]*)"|([^\s()"]+))')
_MEND = 'write words, "a phrase", and, or, not and parentheses, for example (bone or liver) and metastases'
Token = tuple[str, str]
"""Kind and text: `(`, `)`, `and`, `or`, `not`, `phrase` or `word`."""


def parse_text(name: str, value: str, scope: Scope) -> Clause:
    """FhirError (MALFORMED) where the value cannot be read or has no word."""
    tokens = _tokens(value)
    scope.spend(len(tokens))
    reader = _Reader(name, value, tokens)
    clause = reader.alternatives(0)
    if reader.tokens:
        raise malformed(name, value, _MEND)
    return clause


def _tokens(value: str) -> list[Token]:
    return [_token(*found.groups()) for found in _TOKEN.finditer(value)]


def _token(parenthesis: str | None, phrase: str | None, word: str | None) -> Token:
    if parenthesis:
        return parenthesis, parenthesis
    if phrase is not None:
        return "phrase", phrase
    assert word is not None
    return (word.lower() if word.lower() in ("and", "or", "not") else "word"), word


class _Reader:
    """Takes the tokens from the front."""

    def __init__(self, name: str, value: str, tokens: list[Token]):
        self.tokens = tokens
        self._name, self._value = name, value

    def alternatives(self, depth: int) -> Clause:
        found = [self._together(depth)]
        while self._next() == "or":
            self.tokens.pop(0)
            found.append(self._together(depth))
        return found[0] if len(found) == 1 else OrClause(tuple(found))

    def _together(self, depth: int) -> Clause:
        found = [self._one(depth)]
        while self._next() not in ("", ")", "or"):
            if self._next() == "and":
                self.tokens.pop(0)
            found.append(self._one(depth))
        return found[0] if len(found) == 1 else AndClause(tuple(found))

    def _one(self, depth: int) -> Clause:
        kind, text = self.tokens.pop(0) if self.tokens else ("", "")
        if depth >= MAX_DEPTH:
            raise self._unreadable()
        if kind == "not":
            return NotClause(self._one(depth + 1))
        if kind == "(":
            return self._group(depth + 1)
        if kind not in ("word", "phrase"):
            raise self._unreadable()
        return self._words(text, is_beginning=kind == "word" and text.endswith("*"))

    def _group(self, depth: int) -> Clause:
        found = self.alternatives(depth)
        if self._next() != ")":
            raise self._unreadable()
        self.tokens.pop(0)
        return found

    def _words(self, text: str, *, is_beginning: bool) -> TextClause:
        words = tuple(words_of(text))
        if not words:
            raise self._unreadable()
        return TextClause(words, self._name == "_text", is_beginning)

    def _next(self) -> str:
        return self.tokens[0][0] if self.tokens else ""

    def _unreadable(self) -> Exception:
        return malformed(self._name, self._value, _MEND)
