"""What is plainly in order at a glance has no findings when looked at in full."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.definitions.definitions import Definitions
from fhir_server.fhirpath.context import Context
from fhir_server.model.issue import Issue
from fhir_server.model.plain_text import PLAIN_TEXTS
from fhir_server.model.primitive import PATTERNS, PRIMITIVES
from fhir_server.validation import rule, structure
from fhir_server.validation.at_a_glance import Glance, look
from fhir_server.validation.content_checks import GLANCES
from fhir_server.validation.invariant import ERRATA, Invariant
from fhir_server.validation.rule import Subject
from fhir_server.validation.validator import Validator
from tests.validation.test_shortcut import rules, said, sample

TYPES = ("Patient", "Observation", "Bundle", "CarePlan", "MedicationRequest", "Encounter", "Questionnaire", "ValueSet")
TEXTS = st.one_of(st.text(), *(st.from_regex(f"^{PATTERNS[name]}$") for name in ("date", "dateTime", "instant", "code", "id")))


def test_a_rule_that_is_plainly_met_gives_true(definitions: Definitions) -> None:
    schema, random, plain = definitions.schema, Random(7), 0
    for kind, text in sorted(set(rules(definitions))):
        glance = Glance(schema, kind)
        condition = Invariant("x-1", "error", "", text, "", schema).plainly_met(glance)
        for _ in range(15 if condition else 0):
            value = sample(kind, schema, random, text)
            names = {**glance.names, "v": value, "c": Context(resource=value)}
            if type(value) is dict and eval(str(condition), names):
                plain += 1
                assert said(ERRATA.get(text, text), value, kind, schema) is True, (kind, text, value)
    assert plain > 1500


@pytest.mark.parametrize(
    ("expression", "period", "findings"),
    [
        ("start.exists() or end.exists()", {"start": "2024"}, 0),
        ("start.exists() or end.exists()", {}, 1),
        ("start.empty() or end.where($this > start).exists()", {"end": "2024"}, 0),
        ("start.empty() or end.where($this > start).exists()", {"start": "2025", "end": "2024"}, 1),
        ("start.exists() and end.exists()", {"start": "2024", "_end": {"id": "a"}}, 0),
        ("(start.exists() implies end.exists()).not()", {"start": "2024"}, 0),
    ],
)
def test_a_generated_function_finds_what_the_expression_finds(
    expression: str, period: dict[str, Any], findings: int, definitions: Definitions
) -> None:
    asked, found = Invariant("x-1", "error", "", expression, "", definitions.schema), list[Issue]()
    subject = Subject(period, "Period", (None, "Period", None), Context(resource=period, root_resource=period))
    look([asked], definitions.schema, "Period")(period, subject, found)
    assert (len(found), len(list(asked.check(subject)))) == (findings, findings)


@given(TEXTS)
def test_a_plain_text_is_a_good_one_that_nobody_wonders_about(text: str) -> None:
    for name, is_plain in PLAIN_TEXTS.items():
        assert not is_plain(text) or (PRIMITIVES[name].accepts(text) and GLANCES.get(name, bool)(text))


@pytest.mark.parametrize("text", ["Zoé", "a", "a b"])
def test_usual_texts_are_plain(text: str) -> None:
    assert PLAIN_TEXTS["string"](text)


def test_every_plain_day_exists() -> None:
    days = [f"2023-{month:02}-{day:02}" for month in range(14) for day in range(33)]
    assert [day for day in days if PLAIN_TEXTS["date"](day)] == [day for day in days if PRIMITIVES["date"].accepts(day)]


@pytest.mark.parametrize("kind", TYPES)
def test_a_validator_without_glances_finds_the_same(kind: str, definitions: Definitions, monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(kind)
    resources = [{"resourceType": kind, **sample(kind, definitions.schema, random, wanted)} for wanted in ("", "status code", "value")] * 8
    quick = Validator(definitions)
    found = [quick.validate(one) for one in resources]
    monkeypatch.setattr(rule.Rule, "look", lambda self, kind: self._looks.setdefault(kind, self._check_all))
    monkeypatch.setattr(rule.Rule, "fine", lambda *_: None)
    monkeypatch.setattr(rule, "text_tests", lambda *_: None)
    monkeypatch.setattr(structure.StructureCheck, "_plain_texts", lambda *_: {})
    in_full = Validator(definitions)
    assert [in_full.validate(one) for one in resources] == found
