"""The shortcut of an invariant never says anything else than the expression itself."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from fhir_server.definitions.definitions import BASE, Definitions
from fhir_server.fhirpath import FhirPathError, Node, compile_expression
from fhir_server.fhirpath.context import Context
from fhir_server.model.schema import Schema
from fhir_server.validation.invariant import ERRATA, SURELY_MET
from fhir_server.validation.shortcut import shortcut

Rule = tuple[str, str]  # the FHIR type that it stands on, its expression

TEXTS = ("", " ", "history", "batch", "searchset", "#a", "http://x/_history/1", "2024", "2024-03", "2024-03-01", "2024-02-31", "no date",
         "2024-03-01T10:00:00Z", "2024-03-01T10:00:00+01:00", "2024-03-01T09:30:00.5Z", "2024-03-01T11:00:00-05:00")  # fmt: skip
VALUES: tuple[Any, ...] = (*TEXTS, True, False, 0, -1, 3, Decimal("-0.5"), Decimal("1.50"), None)


def rules(definitions: Definitions) -> Iterator[Rule]:
    """All invariants of R4's base types."""
    for name in definitions.schema.types:
        resource = definitions.resolve(BASE + name) or {}
        for row in resource.get("snapshot", {}).get("element", ()):
            kinds = [row["path"]] if row["path"] in definitions.schema else [one["code"] for one in row.get("type", ())]
            for constraint in row.get("constraint", ()):
                if "expression" in constraint:
                    yield from ((kind, constraint["expression"]) for kind in kinds if kind in definitions.schema)


def sample(kind: str, schema: Schema, random: Random, wanted: str, depth: int = 0) -> Any:
    """An object of a type with some of its elements, the ones that the rule speaks of above all, and now and then a malformed one."""
    if kind in schema.primitive_types or depth > 3:
        return random.choice(VALUES)
    made: dict[str, Any] = {"resourceType": kind} if kind in schema.resource_types else {}
    elements = schema[kind].elements.values() if kind in schema else ()
    for element in elements:
        if random.random() < (0.5 if (element.choice or element.name) in wanted else 0.02):
            made |= member(element.name, element.type, element.is_list != (random.random() < 0.05), schema, random, wanted, depth)
    return made


def member(name: str, kind: str, is_list: bool, schema: Schema, random: Random, wanted: str, depth: int) -> dict[str, Any]:
    def one() -> Any:
        return sample("Patient" if kind == "Resource" else kind, schema, random, wanted, depth + 1)

    value = [one() for _ in range(random.choice((0, 1, 1, 2)))] if is_list else one()
    beside = {"_" + name: [{"id": "a"}] if is_list else {"id": "a"}} if random.random() < 0.1 else {}
    return beside if beside and random.random() < 0.5 else {name: value, **beside}


def said(expression: str, value: Any, kind: str, schema: Schema) -> bool | None:
    """What the expression gives: None for nothing, or where it cannot be run."""
    context = Context(resource=value, root_resource=value, stub_references=True, lenient=True)
    try:
        found = compile_expression(expression, schema).evaluate(Node(value, kind), context)
    except (FhirPathError, ValueError, TypeError, ArithmeticError, AttributeError, LookupError):
        return None
    return found[0].value is not False if len(found) == 1 else None


def test_what_a_shortcut_says_the_whole_expression_says_too(definitions: Definitions) -> None:
    schema, random, told, with_shortcut = definitions.schema, Random(4), 0, 0
    for kind, text in sorted(set(rules(definitions))):
        expression = ERRATA.get(text, text)
        decide = SURELY_MET.get(text) or shortcut(compile_expression(expression, schema).tree, schema)
        with_shortcut += decide is not None
        for _ in range(25 if decide else 0):
            value = sample(kind, schema, random, expression)
            answer = decide(value, kind, value) if decide and type(value) is dict else None
            if answer is not None:
                told += 1
                assert said(expression, value, kind, schema) is answer, (kind, expression, value)
    assert with_shortcut > 100
    assert told > 2000


@pytest.mark.parametrize(
    ("expression", "period", "answer"),
    [
        ("start <= end", {"start": "2024-01-01", "end": "2024-01-02"}, True),
        ("start <= end", {"start": "2024-01-02", "end": "2024-01-01"}, False),
        ("start <= end", {"start": "2024-01-01", "end": "2024"}, None),
        ("start <= end", {"start": "2024-01-01T10:00:00Z", "end": "2024-01-01T10:00:01Z"}, True),
        ("start <= end", {"start": "2024-01-01T10:00:00+01:00", "end": "2024-01-01T10:00:00-01:00"}, None),
        ("start <= end", {"start": "2024-02-30", "end": "2024-03-01"}, None),
        ("start.empty() or end.toString() = 'x'", {"end": "2024"}, True),
        ("start.empty() or end.toString() = 'x'", {"start": "2024"}, None),
        ("start.exists()", {"_start": {"id": "a"}}, True),
        ("start.hasValue()", {"_start": {"id": "a"}}, None),
        ("start.exists() = end.exists()", {"start": "2024"}, False),
    ],
)
def test_a_shortcut_says_nothing_where_only_the_expression_can(
    expression: str, period: dict[str, Any], answer: bool | None, definitions: Definitions
) -> None:
    decide = shortcut(compile_expression(expression, definitions.schema).tree, definitions.schema)
    assert decide is not None
    assert decide(period, "Period", None) is answer
