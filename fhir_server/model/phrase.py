"""Sentences that can be said in another language: English where they are raised, the others in `phrases/{language}.json`.

    Issue("error", "value", phrase("Found {found}; the value is fixed to {wanted}.", found=a, wanted=b), place, message_id="fixed")

A `Phrase` is the English text, a `str` like any other, that remembers its template and its values; `in_language` says it again in
French. The files map English templates to translated ones, and a test (tests/model/test_phrases.py) reads the code: every template
passed to `phrase` has its translation with the same `{names}`, and no translation is left over. So the template must be one
literal; what varies goes into values, which may be phrases themselves (a hint: `phrase("{what} {hint}", hint=phrase(...))`), and
`+` joins phrases. What a constraint of R4 asks (`RuleText`) is looked up by its key; a profile's brings its translations along
(`TranslatedText`). A sentence made with an f-string stays English.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache, reduce
from importlib.resources import files
from typing import Any

from fhir_server.model.issue import Issue


class Phrase(str):
    """English text with the template and the values it was made of. Its parts, for what `+` has joined, are values too."""

    __slots__ = ("template", "values")
    template: str
    values: dict[str, Any]

    def __new__(cls, template: str, values: dict[str, Any]) -> Phrase:
        made = super().__new__(cls, template.format_map(values))
        made.template, made.values = template, values
        return made

    def __add__(self, other: str) -> Phrase:
        return Phrase("{first}{then}", {"first": self, "then": other})

    def __radd__(self, other: str) -> Phrase:
        return Phrase("{first}{then}", {"first": other, "then": self})

    def __reduce__(self) -> tuple[type[Phrase], tuple[str, dict[str, Any]]]:
        return Phrase, (self.template, self.values)


class RuleText(str):
    """What a rule of R4 itself asks, in the words of the specification; `phrases/rules.{language}.json` has our words by its key."""

    __slots__ = ("key",)
    key: str

    def __new__(cls, text: str, key: str) -> RuleText:
        made = super().__new__(cls, text)
        made.key = key
        return made

    def __reduce__(self) -> tuple[type[RuleText], tuple[str, str]]:
        return RuleText, (str(self), self.key)

    def said_in(self, language: str) -> str:
        """The words of the language with the specification's behind them; those alone where there are no others."""
        said = rule_texts(language).get(self.key)
        return f"{said} [{self}]" if said else str(self)


class TranslatedText(str):
    """Words of a definition that brings its translations along: `others` has them by language."""

    __slots__ = ("others",)
    others: dict[str, str]

    def __new__(cls, text: str, others: dict[str, str]) -> TranslatedText:
        made = super().__new__(cls, text)
        made.others = others
        return made

    def __reduce__(self) -> tuple[type[TranslatedText], tuple[str, dict[str, str]]]:
        return TranslatedText, (str(self), self.others)

    def said_in(self, language: str) -> str:
        return self.others.get(language, str(self))


def phrase(template: str, /, **values: Any) -> Phrase:
    """The template's `{names}` filled with `values`; everything is shown by `str`."""
    return Phrase(template, values)


def alternatives(items: Iterable[str]) -> str:
    """`a or b or c`; "" without items."""
    return _joined(items, lambda one, other: phrase("{one} or {other}", one=one, other=other))


def together(items: Iterable[str]) -> str:
    """`a and b and c`; "" without items."""
    return _joined(items, lambda one, other: phrase("{one} and {other}", one=one, other=other))


def _joined(items: Iterable[str], join: Callable[[str, str], str]) -> str:
    listed = list(items)
    return reduce(join, listed) if listed else ""


def in_language(text: str, language: str) -> str:
    """The text in one of `language.LANGUAGES`; English where it is no phrase, or not translated."""
    if language != "en" and isinstance(text, RuleText | TranslatedText):
        return text.said_in(language)
    if language == "en" or not isinstance(text, Phrase):
        return text
    template = translations(language).get(text.template, text.template)
    values = {name: in_language(value, language) if isinstance(value, str) else value for name, value in text.values.items()}
    return template.format_map(values)


def translated(issues: Iterable[Issue], language: str) -> list[Issue]:
    """The same issues with their sentences in one of `language.LANGUAGES`."""
    if language == "en":
        return list(issues)
    return [replace(issue, diagnostics=in_language(issue.diagnostics, language)) for issue in issues]


@cache
def translations(language: str) -> dict[str, str]:
    """English template -> translated template."""
    source = files("fhir_server.model") / "phrases" / f"{language}.json"
    loaded: dict[str, str] = json.loads(source.read_text(encoding="utf-8"))
    return loaded


@cache
def rule_texts(language: str) -> dict[str, str]:
    """Key of an R4 constraint -> what it asks."""
    source = files("fhir_server.model") / "phrases" / f"rules.{language}.json"
    loaded: dict[str, str] = json.loads(source.read_text(encoding="utf-8"))
    return loaded
