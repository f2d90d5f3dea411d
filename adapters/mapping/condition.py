"""The conditions of maps: `XAD.type = BDL`, `PID-32 in (VALI, QUAL) and not exists PID-29`.

    condition := clause {("and" | "or") clause}          and binds tighter
    clause    := "not" clause | "(" condition ")" | "exists" path | path ("=" | "!=") word
               | path ["not"] "in" "(" word {"," word} ")" | path "matches" "regular expression"

A path with repetitions satisfies a clause when one of its values does; `!=` and `not in` when none does the contrary.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import reduce

from adapters.mapping.run import Run, Scope, Test

Values = Callable[[Run, Scope], list[str]]
_TOKEN = re.compile(r"""\s*(?:"([^"]*)"|(!=|=|\(|\)|,)|([^\s()=!,"]+))""")
KEYWORDS = ("and", "or", "not", "exists", "in", "matches", "=", "!=", "(", ")", ",")


def compile_condition(text: str, values: Callable[[str], Values]) -> Test:
    """`values` compiles a path. ValueError with a sentence where the text is no condition."""
    parser = _Parser(text, values)
    test = parser.alternatives()
    if parser.tokens:
        raise ValueError(f"the condition goes on where it should end: {parser.tokens[0][0]}")
    return test


def _tokens(text: str) -> list[tuple[str, bool]]:
    """Words with whether they were quoted."""
    tokens, position, text = [], 0, text.strip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ValueError(f"the condition cannot be read from here: {text[position:]}")
        quoted = match.group(1) is not None
        tokens.append((match.group(1) if quoted else match.group(2) or match.group(3), quoted))
        position = match.end()
    return tokens


class _Parser:
    def __init__(self, text: str, values: Callable[[str], Values]):
        self.tokens = _tokens(text)
        self.values = values

    def alternatives(self) -> Test:
        tests = [self.conjunction()]
        while self._take("or"):
            tests.append(self.conjunction())
        return reduce(_either, tests)

    def conjunction(self) -> Test:
        tests = [self.clause()]
        while self._take("and"):
            tests.append(self.clause())
        return reduce(_both, tests)

    def clause(self) -> Test:
        if self._take("not"):
            return _negation(self.clause())
        if self._take("("):
            test = self.alternatives()
            self._expect(")")
            return test
        if self._take("exists"):
            values = self.values(self._word("a path"))
            return lambda run, scope: bool(values(run, scope))
        return self._comparison(self.values(self._word("a path")))

    def _comparison(self, values: Values) -> Test:
        if self._take("="):
            return _one_of(values, frozenset([self._word("a value")]))
        if self._take("!="):
            return _negation(_one_of(values, frozenset([self._word("a value")])))
        if self._take("matches"):
            return _matching(values, self._word("a regular expression"))
        negative = self._take("not")
        self._expect("in")
        test = _one_of(values, self._set())
        return _negation(test) if negative else test

    def _set(self) -> frozenset[str]:
        self._expect("(")
        words = [self._word("a value")]
        while self._take(","):
            words.append(self._word("a value"))
        self._expect(")")
        return frozenset(words)

    def _take(self, keyword: str) -> bool:
        if self.tokens and self.tokens[0] == (keyword, False):
            self.tokens.pop(0)
            return True
        return False

    def _expect(self, keyword: str) -> None:
        if not self._take(keyword):
            found = self.tokens[0][0] if self.tokens else "the end"
            raise ValueError(f"the condition needs {keyword} before {found}")

    def _word(self, what: str) -> str:
        if not self.tokens or (not self.tokens[0][1] and self.tokens[0][0] in KEYWORDS):
            raise ValueError(f"the condition needs {what} at {self.tokens[0][0] if self.tokens else 'its end'}")
        return self.tokens.pop(0)[0]


def _either(one: Test, other: Test) -> Test:
    return lambda run, scope: one(run, scope) or other(run, scope)


def _both(one: Test, other: Test) -> Test:
    return lambda run, scope: one(run, scope) and other(run, scope)


def _negation(test: Test) -> Test:
    return lambda run, scope: not test(run, scope)


def _one_of(values: Values, words: frozenset[str]) -> Test:
    return lambda run, scope: not words.isdisjoint(values(run, scope))


def _matching(values: Values, expression: str) -> Test:
    try:
        pattern = re.compile(expression)
    except re.error as error:
        raise ValueError(f"the regular expression is wrong: {error}") from None
    return lambda run, scope: any(pattern.fullmatch(value) for value in values(run, scope))
