"""The functions of FHIRPath by name. Each family of functions is a module that registers its own.

A builder gets the compiler and the call, and gives the closure that runs it. The decorators below cover what most
functions are: something done with the whole input, or with one string, or with one number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import thread_time_ns
from typing import Any, Protocol

from fhir_server.fhirpath.context import Run, Scope
from fhir_server.fhirpath.errors import FhirPathError
from fhir_server.fhirpath.node import EMPTY, FALSE, Nodes, collection
from fhir_server.fhirpath.tree import Call, Tree
from fhir_server.fhirpath.values import number, string
from fhir_server.model.schema import Schema


class Compiles(Protocol):
    """What a builder may ask of the compiler."""

    schema: Schema

    def run(self, tree: Tree) -> Run: ...

    def target(self, call: Call) -> Run: ...


Build = Callable[[Compiles, Call], Run]


@dataclass(frozen=True, slots=True)
class Function:
    """How to build a call, and how many arguments it takes."""

    build: Build
    least: int
    most: int


FUNCTIONS: dict[str, Function] = {}


def function(name: str, least: int = 0, most: int | None = None) -> Callable[[Build], Build]:
    """Register a builder under a name with its numbers of arguments."""

    def register(build: Build) -> Build:
        FUNCTIONS[name] = Function(build, least, least if most is None else most)
        return build

    return register


def on_collection(name: str) -> Callable[[Callable[[Nodes], Nodes]], Callable[[Nodes], Nodes]]:
    """A function of the input alone: `count()`, `first()`."""

    def register(work: Callable[[Nodes], Nodes]) -> Callable[[Nodes], Nodes]:
        def build(compiler: Compiles, call: Call) -> Run:
            target = compiler.target(call)
            return lambda scope: work(target(scope))

        FUNCTIONS[name] = Function(build, 0, 0)
        return work

    return register


STRING_TESTS = frozenset(("startsWith", "endsWith", "contains"))
"""False for an absent string where types are read leniently: R4's invariants (`fullUrl.contains('/_history/').not()`) suppose it."""


SHORT = 1000
PATTERNS = frozenset(("matches", "matchesFull", "replaceMatches"))
STEP_NANOSECONDS = 5000
"""A long text or a regular expression takes as many steps as others would be done in its time."""


def on_string(name: str, least: int = 0, most: int | None = None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A function of one string and its arguments' collections, giving a plain value; an empty input gives empty."""

    def register(work: Callable[..., Any]) -> Callable[..., Any]:
        def build(compiler: Compiles, call: Call) -> Run:
            target, arguments, column = compiler.target(call), [compiler.run(one) for one in call.arguments], call.column

            def run(scope: Scope) -> Nodes:
                text = string(target(scope), column)
                if text is None:
                    return FALSE if scope.run.lenient and name in STRING_TESTS else EMPTY
                given = [one(scope) for one in arguments]
                if len(text) <= SHORT and name not in PATTERNS:
                    return collection(work(text, *given, column=column))
                began = thread_time_ns()
                found = work(text, *given, column=column)
                scope.run.spend((thread_time_ns() - began) // STEP_NANOSECONDS)
                return collection(found)

            return run

        FUNCTIONS[name] = Function(build, least, least if most is None else most)
        return work

    return register


def on_number(name: str, least: int = 0, most: int | None = None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A function of one number and its arguments (numbers too); an empty input or a result that is no number gives empty."""

    def register(work: Callable[..., Any]) -> Callable[..., Any]:
        def build(compiler: Compiles, call: Call) -> Run:
            target, arguments, column = compiler.target(call), [compiler.run(one) for one in call.arguments], call.column

            def run(scope: Scope) -> Nodes:
                value = number(target(scope), column)
                values = [number(one(scope), column) for one in arguments]
                return EMPTY if value is None or None in values else collection(_calculated(work, value, values))

            return run

        FUNCTIONS[name] = Function(build, least, least if most is None else most)
        return work

    return register


def _calculated(work: Callable[..., Any], value: Any, values: list[Any]) -> Any:
    try:
        return work(value, *values)
    except (ArithmeticError, ValueError):
        return None


def lookup(call: Call) -> Function:
    """The function of a call; FhirPathError where there is none or the arguments do not fit."""
    found = FUNCTIONS.get(call.name)
    if found is None:
        raise FhirPathError(f"There is no function {call.name}().", call.column)
    if not found.least <= len(call.arguments) <= found.most:
        wanted = str(found.least) if found.least == found.most else f"{found.least} to {found.most}"
        raise FhirPathError(f"{call.name}() takes {wanted} argument(s), not {len(call.arguments)}.", call.column)
    return found
