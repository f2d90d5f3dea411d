"""FHIRPath source -> syntax tree (http://hl7.org/fhirpath/N1/#grammar), by precedence climbing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from fhir_server.fhirpath.errors import FhirPathError
from fhir_server.fhirpath.lexer import Token, tokens
from fhir_server.fhirpath.quantity import CALENDAR_UNITS, Quantity
from fhir_server.fhirpath.tree import Binary, Call, Constant, Index, Literal, Member, Tree, TypeOperation, Unary, Variable

MAX_NESTING = 100
"""Brackets, arguments and signs inside each other; an expression that nests deeper is refused."""

PRECEDENCE = {
    "implies": 1, "or": 2, "xor": 2, "and": 3, "in": 4, "contains": 4, "=": 5, "~": 5, "!=": 5, "!~": 5, "<": 6, ">": 6, "<=": 6,
    ">=": 6, "|": 7, "is": 8, "as": 8, "+": 9, "-": 9, "&": 9, "*": 10, "/": 10, "div": 10, "mod": 10,
}  # fmt: skip
"""http://hl7.org/fhirpath/N1/#operator-precedence, the tightest last."""

_VARIABLES = ("$this", "$index", "$total")
_LITERAL_NAMES = {"true": True, "false": False}


def parse(source: str) -> Tree:
    """The tree of a whole source; FhirPathError with the column of the first token that does not fit."""
    parser = _Parser(list(tokens(source)))
    tree = parser.expression(0)
    parser.expect_end()
    return tree


class _Parser:
    def __init__(self, stream: list[Token]):
        self.stream = stream
        self.position = 0
        self.nesting = 0

    @property
    def token(self) -> Token:
        return self.stream[self.position]

    def advance(self) -> Token:
        token = self.token
        self.position += 1
        return token

    def at(self, symbol: str) -> bool:
        return self.token.kind == "symbol" and self.token.text == symbol

    def expect(self, symbol: str) -> Token:
        if not self.at(symbol):
            raise FhirPathError(f"{symbol} is missing before {self.token.text}.", self.token.column)
        return self.advance()

    def expect_end(self) -> None:
        if self.token.kind != "end":
            raise FhirPathError(f"{self.token.text} does not fit here; the expression was complete before it.", self.token.column)

    def expression(self, minimum: int) -> Tree:
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise FhirPathError(f"The expression nests more than {MAX_NESTING} levels deep.", self.token.column)
        left = self.prefixed()
        while (level := self.operator_level()) > minimum:
            left = self.operation(left, level)
        self.nesting -= 1
        return left

    def operator_level(self) -> int:
        return PRECEDENCE.get(self.token.text, 0) if self.token.kind in ("symbol", "name") else 0

    def operation(self, left: Tree, level: int) -> Tree:
        operator = self.advance()
        if operator.text in ("is", "as"):
            return TypeOperation(operator.text, left, self.type_specifier(), operator.column)
        return Binary(operator.text, left, self.expression(level), operator.column)

    def prefixed(self) -> Tree:
        if self.at("-") or self.at("+"):
            sign = self.advance()
            return Unary(sign.text, self.expression(PRECEDENCE["*"]), sign.column)
        return self.postfixed()

    def postfixed(self) -> Tree:
        tree = self.term()
        while True:
            if self.at("."):
                self.advance()
                tree = self.invocation(tree)
            elif self.at("["):
                tree = self.indexed(tree)
            else:
                return tree

    def indexed(self, target: Tree) -> Tree:
        bracket = self.advance()
        index = self.expression(0)
        self.expect("]")
        return Index(target, index, bracket.column)

    def invocation(self, target: Tree | None) -> Tree:
        token = self.advance()
        if token.kind == "variable":
            return self.variable(token)
        if token.kind not in ("name", "delimited"):
            raise FhirPathError(f"An element or a function is expected, not {token.text}.", token.column)
        if not self.at("("):
            return Member(target, token.value, token.column)
        return Call(target, token.value, self.arguments(), token.column)

    def arguments(self) -> tuple[Tree, ...]:
        self.expect("(")
        found: list[Tree] = []
        while not self.at(")"):
            if found:
                self.expect(",")
            found.append(self.expression(0))
        self.advance()
        return tuple(found)

    def term(self) -> Tree:
        token = self.token
        if token.kind == "symbol":
            return self.bracketed()
        if token.kind == "end":
            raise FhirPathError("The expression ends where a value is expected.", token.column)
        if token.kind == "constant":
            return Constant(self.advance().value, token.column)
        if token.kind in ("string", "temporal"):
            return Literal(self.advance().value, token.column)
        if token.kind == "number":
            return self.number()
        if token.kind == "name" and token.text in _LITERAL_NAMES:
            return Literal(_LITERAL_NAMES[self.advance().text], token.column)
        return self.invocation(None)

    def bracketed(self) -> Tree:
        token = self.advance()
        if token.text == "(":
            inner = self.expression(0)
            self.expect(")")
            return inner
        if token.text == "{":
            self.expect("}")
            return Literal(None, token.column)
        raise FhirPathError(f"A value is expected, not {token.text}.", token.column)

    def variable(self, token: Token) -> Tree:
        if token.text not in _VARIABLES:
            raise FhirPathError(f"{token.text} is not a variable; there are {', '.join(_VARIABLES)}.", token.column)
        return Variable(token.text, token.column)

    def number(self) -> Tree:
        token = self.advance()
        return Literal(self.quantity(token.value), token.column)

    def quantity(self, number: Any) -> Any:
        unit = self.token
        if unit.kind == "string":
            self.advance()
            return quantity_of(Decimal(number), unit.value)
        if unit.kind == "name" and unit.text in CALENDAR_UNITS:
            self.advance()
            return Quantity(Decimal(number), CALENDAR_UNITS[unit.text], True, unit.text)
        return number

    def type_specifier(self) -> str:
        parts = [self.type_name()]
        while self.at("."):
            self.advance()
            parts.append(self.type_name())
        return ".".join(parts)

    def type_name(self) -> str:
        token = self.advance()
        if token.kind not in ("name", "delimited"):
            raise FhirPathError(f"A type is expected, not {token.text}.", token.column)
        return str(token.value)


def quantity_of(number: Decimal, unit: str) -> Quantity:
    """A number with a quoted unit; a calendar word in quotes still means the calendar duration."""
    if unit in CALENDAR_UNITS:
        return Quantity(number, CALENDAR_UNITS[unit], True, unit)
    return Quantity(number, unit)
