"""Map files to closures. docs/mapping.md describes the format; `mappings/schema/map.schema.json` is its JSON Schema.

A rule is compiled to `rule(run, scope) -> value`; None means that there is nothing to say. An object says nothing when none of its
changeable parts does, so `{system: =urn:x, value: PID-3.id}` disappears with PID-3.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.mapping import tracing
from adapters.mapping.concept_map import CodeTable
from adapters.mapping.condition import compile_condition
from adapters.mapping.run import DELETED, Deletion, Function, Language, Rule, Run, Scope, Test
from adapters.mapping.source import Node
from adapters.mapping.template import Template

PIPE = re.compile(r"\s\|\s(?![^{}]*\})")
_HOLE = re.compile(r"\{([^{}]+)\}")
Bound = frozenset[str]
Each = Callable[[Run, Scope], Iterable[Any]]


@dataclass(frozen=True, slots=True)
class Compiled:
    """`static`: the value is the same for every input."""

    rule: Rule
    static: bool = False


@dataclass(slots=True)
class Compiler:
    """Compiles rules of one map. `traced` adds what `passerelle map explain` shows, at the cost of speed."""

    language: Language
    blocks: Mapping[str, Node]
    templates: dict[str, Template]
    tables: Mapping[str, CodeTable]
    traced: bool = False

    def rule(self, node: Node, bound: Bound, top: bool = False) -> Compiled:
        """`top`: the value of a resource's own element, where deletions count."""
        try:
            return self._folded(self._rule(node, bound, top))
        except (ValueError, KeyError) as error:
            raise node.error(str(error.args[0] if error.args else error)) from None

    def _folded(self, compiled: Compiled) -> Compiled:
        """What is the same for every input is made once, and shared: results are never changed in place."""
        if not compiled.static or self.traced:
            return compiled
        return Compiled(_constant(compiled.rule(Run(None, None), {})), static=True)

    def _rule(self, node: Node, bound: Bound, top: bool) -> Compiled:
        if isinstance(node.value, dict):
            return self._object(node, bound, top)
        if isinstance(node.value, list):
            return self._list([self.rule(one, bound, top) for one in node.value])
        return self._scalar(node, bound)

    # Scalars: `=text {path}`, paths, constants, each with pipes.

    def _scalar(self, node: Node, bound: Bound) -> Compiled:
        if node.value is None:
            raise ValueError("a rule is missing here")
        if not isinstance(node.value, str):
            return Compiled(self._seen(_constant(node.value), node, str(node.value).lower()), static=True)
        head, *pipes = PIPE.split(node.value)
        compiled = self._literal(head[1:], bound) if head.startswith("=") else self._path(head, pipes, bound)
        functions = [self._function(pipe) for pipe in pipes]
        rule = self._piped(compiled.rule, [function for function, _ in functions], head) if functions else compiled.rule
        return Compiled(self._seen(rule, node, node.value), compiled.static and not functions)

    def _path(self, path: str, pipes: list[str], bound: Bound) -> Compiled:
        composite = bool(pipes) and self._function(pipes[0])[1]
        return Compiled(self.language.reader(path.strip(), bound, composite, self.traced))

    def _literal(self, text: str, bound: Bound) -> Compiled:
        parts = _HOLE.split(text)
        if len(parts) == 1:
            return Compiled(_constant(text), static=True)
        fixed, holes = parts[::2], parts[1::2]
        return Compiled(_interpolation(fixed, [self._hole(hole, bound) for hole in holes]))

    def _hole(self, text: str, bound: Bound) -> tuple[Rule, bool]:
        optional = text.endswith("?")
        head, *pipes = PIPE.split(text.removesuffix("?"))
        rule = self._path(head, pipes, bound).rule
        functions = [self._function(pipe)[0] for pipe in pipes]
        return (self._piped(rule, functions, head) if functions else rule), optional

    def _function(self, text: str) -> tuple[Function, bool]:
        name, _, argument = text.strip().partition(" ")
        if name in CODE_FUNCTIONS:
            return self._code_function(name, argument.strip()), False
        if name in TEXT_FUNCTIONS:
            return TEXT_FUNCTIONS[name], False
        found = self.language.function(name, argument.strip())
        if found is None:
            raise ValueError(f"there is no function {name}")
        return found

    def _code_function(self, name: str, table_name: str) -> Function:
        if table_name not in self.tables:
            raise ValueError(f"there is no ConceptMap {table_name} (there are: {', '.join(sorted(self.tables)) or 'none'})")
        return CODE_FUNCTIONS[name](self.tables[table_name])

    def _piped(self, rule: Rule, functions: list[Function], path: str) -> Rule:
        fault = self.language.fault

        def piped(run: Run, scope: Scope) -> Any:
            value = rule(run, scope)
            try:
                for function in functions:
                    if value is None or value is DELETED:
                        return value
                    value = function(run, value, path)
            except UnknownCode as gap:
                return run.note(str(fault(path, scope, str(gap))).rstrip("."))
            except ValueError as error:
                raise fault(path, scope, error.args[0]) from None
            return value

        return piped

    # Lists and objects.

    def _list(self, items: list[Compiled]) -> Compiled:
        rules = [item.rule for item in items]
        return Compiled(tracing.items(rules) if self.traced else _items(rules), all(item.static for item in items))

    def _object(self, node: Node, bound: Bound, top: bool) -> Compiled:
        loops, inner = self._loops(node.get("$each"), bound)
        body = self._body(node, inner, bool(loops) or not top)
        rule = body.rule
        if when := node.get("$when"):
            rule = _conditional(self._condition(when, inner), rule)
        for at, (name, each) in enumerate(reversed(loops)):
            deletion = self._deletion(node) if top and at == len(loops) - 1 else None
            rule = self._loop(name, each, rule, deletion)
        return Compiled(rule, body.static and not loops and "$when" not in node)

    def _loops(self, node: Node | None, bound: Bound) -> tuple[list[tuple[str, Each]], Bound]:
        loops: list[tuple[str, Each]] = []
        for path in [] if node is None else node.value if isinstance(node.value, list) else [node]:
            name, each = self.language.each(path.value, bound)
            loops.append((name, each))
            bound |= {name}
        return loops, bound

    def _condition(self, node: Node, bound: Bound) -> Test:
        try:
            return compile_condition(node.value, lambda path: self.language.values(path, bound, self.traced))
        except (ValueError, KeyError) as error:
            raise node.error(str(error.args[0])) from None

    def _body(self, node: Node, bound: Bound, nested: bool) -> Compiled:
        if reference := node.get("$reference"):
            return Compiled(self._seen(self._reference(reference, bound), reference, f"$reference: {reference.value}"))
        if value := node.get("$value"):
            return self.rule(value, bound)
        if first := node.get("$first"):
            return self._inside(tracing.ONE, _first([self.rule(one, bound) for one in first.value]))
        return _fields(self.fields(node, bound, top=not nested))

    def fields(self, node: Node, bound: Bound, top: bool = False) -> list[tuple[str, Compiled]]:
        """The elements of an object, those of the blocks it uses first; its own win."""
        elements: dict[str, Node] = {}
        self._collect(node, bound, elements)
        return [(name, self._inside(f".{name}", self.rule(one, bound, top))) for name, one in elements.items()]

    def _collect(self, node: Node, bound: Bound, elements: dict[str, Node]) -> None:
        use = node.get("$use")
        for name in [] if use is None else use.value if isinstance(use.value, list) else [use]:
            self._collect(self._block(name, bound), bound, elements)
        elements.update((name, one) for name, one in node.items() if not name.startswith("$"))

    def _block(self, name: Node, bound: Bound) -> Node:
        block = self.blocks.get(name.value)
        if block is None:
            raise name.error(f"there is no block {name.value}")
        if missing := set(names(block.get("of"))) - bound:
            raise name.error(f"the block {name.value} is of {', '.join(sorted(missing))}, which no $each has bound here")
        return block.value["set"]  # type: ignore[no-any-return]

    def _deletion(self, node: Node) -> dict[str, Any]:
        pattern = node.get("$delete")
        return pattern.plain() if pattern else {}

    def _loop(self, name: str, each: Each, rule: Rule, deletion: dict[str, Any] | None) -> Rule:
        inside = tracing.numbered(rule) if self.traced else lambda run, scope, _: rule(run, scope)

        def loop(run: Run, scope: Scope) -> Any:
            result: list[Any] = []
            for item in each(run, scope):
                if item is DELETED:
                    value: Any = None if deletion is None else Deletion(deletion)
                else:
                    value = inside(run, {**scope, name: item}, result)
                if isinstance(value, list):
                    result += value
                elif value is not None:
                    result.append(value)
            return result or None

        return loop

    def _reference(self, node: Node, bound: Bound) -> Rule:
        templates, name = self.templates, node.value
        template = templates.get(name)
        if template is None:
            raise node.error(f"there is no resource {name}")
        if missing := set(template.of) - bound:
            raise node.error(f"the resource {name} is of {', '.join(sorted(missing))}, which no $each has bound here")
        return template.refer

    # Tracing.

    def _seen(self, rule: Rule, node: Node, source: str) -> Rule:
        return tracing.seen(rule, node, source) if self.traced else rule

    def _inside(self, step: str, compiled: Compiled) -> Compiled:
        return Compiled(tracing.below(step, compiled.rule), compiled.static) if self.traced else compiled


def names(node: Node | None) -> list[str]:
    """`of: XAD` or `of: [ROL, XCN]`."""
    plain = [] if node is None else node.plain()
    return plain if isinstance(plain, list) else [plain]


def _constant(value: Any) -> Rule:
    return lambda _run, _scope: value


def _items(rules: list[Rule]) -> Rule:
    def build(run: Run, scope: Scope) -> Any:
        result: list[Any] = []
        for rule in rules:
            value = rule(run, scope)
            if type(value) is list:
                result += value
            elif value is not None and value is not DELETED:
                result.append(value)
        return result or None

    return build


def _conditional(test: Test, rule: Rule) -> Rule:
    return lambda run, scope: rule(run, scope) if test(run, scope) else None


def _interpolation(fixed: list[str], holes: list[tuple[Rule, bool]]) -> Rule:
    def interpolate(run: Run, scope: Scope) -> str | None:
        parts = [fixed[0]]
        for (rule, optional), after in zip(holes, fixed[1:], strict=True):
            value = rule(run, scope)
            if value is None or value is DELETED:
                if not optional:
                    return None
                value = ""
            parts += (value, after)
        return "".join(parts) or None

    return interpolate


def _first(choices: list[Compiled]) -> Compiled:
    rules = [choice.rule for choice in choices]

    def first(run: Run, scope: Scope) -> Any:
        for rule in rules:
            value = rule(run, scope)
            if value is not None:
                return value[0] if type(value) is list else value
        return None

    return Compiled(first, all(choice.static for choice in choices))


def _fields(children: list[tuple[str, Compiled]]) -> Compiled:
    static = all(child.static for _, child in children)
    rules = [(name, child.rule, child.static) for name, child in children]

    def build(run: Run, scope: Scope) -> Any:
        result = {}
        said, traced = static, len(run.filling)
        for name, rule, fixed in rules:
            value = rule(run, scope)
            if value is not None and value is not DELETED:
                result[name] = value
                said = said or not fixed
        if said and result:
            return result
        del run.filling[traced:]  # what filled an element that disappears filled nothing
        return None

    return Compiled(build, static)


class UnknownCode(ValueError):
    """A code that a table does not have: it is left out and noted."""


def _unknown(table: CodeTable, code: str) -> None:
    if not table.knows(code):
        raise UnknownCode(f"has a code that the table {table.name} does not have; it was left out")


def _code(table: CodeTable) -> Function:
    def code(_run: Run, value: Any, _path: str) -> Any:
        if found := table.codings(value):
            return found[0]["code"]
        return _unknown(table, value)

    return code


def _coding(table: CodeTable) -> Function:
    def coding(_run: Run, value: Any, _path: str) -> Any:
        if found := table.codings(value):
            return dict(found[0])
        return _unknown(table, value)

    return coding


def _codings(table: CodeTable) -> Function:
    def codings(_run: Run, value: Any, _path: str) -> Any:
        if found := table.codings(value):
            return [dict(one) for one in found]
        return _unknown(table, value)

    return codings


def _source(table: CodeTable) -> Function:
    def source(run: Run, value: Any, path: str) -> Any:
        found = table.source(value)
        return found if found is not None else run.note(f"{path}: the table {table.name} has no code for this one, which was left out")

    return source


CODE_FUNCTIONS: dict[str, Callable[[CodeTable], Function]] = {"code": _code, "coding": _coding, "codings": _codings, "source": _source}
TEXT_FUNCTIONS: dict[str, Function] = {
    "upper": lambda _, value, __: value.upper(),
    "lower": lambda _, value, __: value.lower(),
    "trim": lambda _, value, __: value.strip() or None,
}
