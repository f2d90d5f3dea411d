"""Every sentence that is raised can be said in every language, with the same values."""

from __future__ import annotations

import ast
import pickle
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from fhir_server.model.issue import FhirError, Issue, operation_outcome
from fhir_server.model.json_format import decode_json, encode_json
from fhir_server.model.language import LANGUAGES
from fhir_server.model.phrase import Phrase, TranslatedText, in_language, phrase, translated, translations

SOURCES = sorted(file for package in ("fhir_server", "adapters") for file in (Path(__file__).parents[2] / package).rglob("*.py"))
OTHERS = [language for language in LANGUAGES if language != "en"]


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Every call of `phrase`, with its file and line."""
    for file in SOURCES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "phrase":
                yield f"{file.name}:{node.lineno}", node


def literals(node: ast.expr) -> list[ast.expr]:
    """The template, or both of a conditional expression."""
    return [*literals(node.body), *literals(node.orelse)] if isinstance(node, ast.IfExp) else [node]


CALLS = list(calls())


def templates() -> set[str]:
    found = (one for _, call in CALLS for one in literals(call.args[0]) if isinstance(one, ast.Constant))
    return {str(one.value) for one in found}


def names(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def has_words(template: str) -> bool:
    return any(character.isalpha() for text, _, _, _ in Formatter().parse(template) for character in text)


def test_every_template_is_a_literal_and_gets_the_values_it_names():
    assert len(CALLS) > 40
    for place, call in CALLS:
        given = {keyword.arg for keyword in call.keywords}
        for template in literals(call.args[0]):
            assert isinstance(template, ast.Constant), f"{place}: the template must be a literal, so that it can be translated"
            assert names(str(template.value)) == given or None in given, place


@pytest.mark.parametrize("language", OTHERS)
def test_every_template_is_translated_and_no_translation_is_left_over(language):
    wanted = {template for template in templates() if has_words(template)}
    assert sorted(wanted - set(translations(language))) == []
    assert sorted(set(translations(language)) - templates()) == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_the_values_of_its_template(language):
    for template, said in translations(language).items():
        assert names(said) == names(template), template


def test_french_punctuation_does_not_break_from_its_word():
    assert [said for said in translations("fr").values() if re.search(r"« | [»;:?!](?:[ )]|$)", said)] == []


def test_values_that_are_phrases_are_translated_with_their_sentence():
    hint = phrase(" Did you mean '{name}'?", name="birthDate")
    sentence = phrase("{name} has no element '{key}'.{hint}", name="Patient", key="birthdate", hint=hint)
    assert sentence == "Patient has no element 'birthdate'. Did you mean 'birthDate'?"
    said = in_language(sentence, "fr").replace("\u00a0", " ").replace("\u202f", " ")
    assert said == "Patient n’a pas d’élément « birthdate ». Vouliez-vous dire « birthDate » ?"


def test_joined_phrases_are_translated_part_by_part():
    joined = phrase("true or false") + ":" + phrase("an array")
    assert (joined, in_language(joined, "fr")) == ("true or false:an array", "true ou false:un tableau")


def test_what_is_no_phrase_stays_as_it_is():
    assert in_language("Anything {at} all", "fr") == "Anything {at} all"
    assert in_language(phrase("Not in the files {x}.", x="{y}"), "fr") == "Not in the files {y}."


def test_issues_keep_everything_else():
    issue = Issue("error", "value", phrase("an array"), "Patient", 1, 2, "m", "s")
    assert translated([issue], "fr") == [Issue("error", "value", "un tableau", "Patient", 1, 2, "m", "s")]


def test_words_that_bring_their_translations_are_said_in_them():
    sentence = phrase("{human}. ({key})", human=TranslatedText("Say when", {"fr": "Dire quand"}), key="x-1")
    assert (sentence, in_language(sentence, "fr")) == ("Say when. (x-1)", "Dire quand. (x-1)")
    assert in_language(pickle.loads(pickle.dumps(sentence)), "fr") == "Dire quand. (x-1)"
    assert in_language(TranslatedText("Say when", {}), "fr") == "Say when"


def test_a_phrase_travels_between_processes_and_is_text_to_encoders():
    sentence = phrase("a {type}", type=phrase("an object"))
    copy = pickle.loads(pickle.dumps(sentence))
    assert (copy, type(copy), in_language(copy, "fr")) == ("a an object", Phrase, "une valeur de type un objet")
    assert b"a an object" in encode_json(operation_outcome([Issue("error", "value", sentence)]))


@pytest.mark.parametrize(
    "source", [b'{"a" 1}', b"[1 2]", b'{"a": 1 "b"}', b"{a: 1}", b"[1,]", b'{"a": 1,}', b"{} x", b"@", b"01", b"[", b""]
)
def test_the_words_of_parsers_are_translated_too(source: bytes):
    with pytest.raises(FhirError) as refused:
        decode_json(source)
    said = refused.value.issues[0].diagnostics
    assert isinstance(said, Phrase)
    assert isinstance(said.values["reason"], Phrase)
