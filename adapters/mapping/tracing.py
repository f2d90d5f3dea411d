"""What `passerelle map explain` shows: while a traced map runs, the place that is being filled, and the lines that filled it.

`run.path` is that place, step by step: `Patient`, `.name`, `[0]`, `.family`. A step `[n]` counts the values that are there already, not the
rules: a rule that says nothing takes no place. `run.filling` are the lines of the resource that is being made, `run.trace` those of all
that were made.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adapters.mapping.run import DELETED, Deletion, Rule, Run, Scope, TraceLine
from adapters.mapping.source import Node

ONE = ""
"""A step of a path below which one value is taken, which has no number."""


def seen(rule: Rule, node: Node, source: str) -> Rule:
    """The rule, whose values are told with its line."""

    def traced(run: Run, scope: Scope) -> Any:
        value = rule(run, scope)
        if value is not None and value is not DELETED:
            _tell(run, node, source, value if isinstance(value, list) else [value], isinstance(value, list))
        return value

    return traced


def _tell(run: Run, node: Node, source: str, values: list[Any], several: bool) -> None:
    for at, value in enumerate(values[:1] if run.path[-1] == ONE else values):
        steps = _at(run.path, at) if several else run.path
        run.filling.append(TraceLine("".join(steps), node.file.name, node.line, source, value))


def _at(path: list[str], at: int) -> list[str]:
    """The path of a later value beside the one at a path."""
    if path[-1] == ONE:
        return path
    return [*path[:-1], _number(path[-1], at)] if path[-1].startswith("[") else [*path, f"[{at}]"]


def _number(step: str, at: int) -> str:
    return f"[{int(step[1:-1]) + at}]"


def below(step: str, rule: Rule) -> Rule:
    """The rule, which fills a part of the place."""

    def traced(run: Run, scope: Scope) -> Any:
        run.path.append(step)
        value = rule(run, scope)
        run.path.pop()
        return value

    return traced


def numbered(rule: Rule) -> Callable[[Run, Scope, list[Any]], Any]:
    """The rule of a loop, for the value that comes after those that it gave already."""

    def traced(run: Run, scope: Scope, there: list[Any]) -> Any:
        path, lines = run.path, len(run.filling)
        run.path = _at(path, _count(there))
        value = rule(run, scope)
        if there and path[-1] == ONE:
            del run.filling[lines:]  # the first was taken
        run.path = path
        return value

    return traced


def items(rules: list[Rule]) -> Rule:
    """A list of what the rules say, each told at the place after what is there."""

    def traced(run: Run, scope: Scope) -> Any:
        result: list[Any] = []
        for rule in rules:
            value = below(f"[{_count(result)}]", rule)(run, scope)
            result += value if isinstance(value, list) else [] if value is None or value is DELETED else [value]
        return result or None

    return traced


def _count(values: list[Any]) -> int:
    """How many of the values will be in the resource."""
    return sum(not isinstance(one, Deletion) for one in values)
