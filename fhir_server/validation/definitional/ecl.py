"""SNOMED CT Expression Constraint Language: can the text be read? (http://snomed.org/ecl, as FHIR uses it in value set filters)

Sub-expressions, compounds, dotted attributes, refinements; the inside of a {{ filter }} is taken as it comes. Concepts need not exist.
"""

from __future__ import annotations

import re

from fhir_server.model.phrase import phrase

_TOKEN = re.compile(
    r"\s+|/\*.*?\*/|(?P<op><<!|>>!|<!|>!|<<|>>|<|>|\^)|(?P<id>\d{6,18}|\*)|(?P<term>\|[^|]*\|)|(?P<word>(?i:AND|OR|MINUS)\b)"
    r"|(?P<filter>\{\{.*?\}\})|(?P<number>#-?\d+(\.\d+)?)|(?P<text>\"[^\"]*\")|(?P<mark>!=|=|[(){},:.\[\]]|\.\.)|(?P<range>\d+)",
    re.DOTALL,
)


class _Unreadable(ValueError):
    """The message says where."""


def ecl_fault(text: str) -> str | None:
    """Why the text is no expression constraint; None where it is one."""
    try:
        reader = _Reader(_tokens(text))
        reader.expression()
        reader.end()
    except _Unreadable as fault:
        sentence: str = fault.args[0]
        return sentence
    except RecursionError:
        return phrase("it is nested too deep")
    return None


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _Unreadable(phrase("'{character}' at character {number} has no meaning there", character=text[at], number=at + 1))
        if match.lastgroup:
            found.append((match.lastgroup, match[0]))
        at = match.end()
    return found


class _Reader:
    def __init__(self, tokens: list[tuple[str, str]]):
        self.tokens, self.at = tokens, 0

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", phrase("the end"))

    def take(self, *texts: str) -> bool:
        if self.peek()[1].upper() in texts:
            self.at += 1
            return True
        return False

    def kind(self, name: str) -> bool:
        if self.peek()[0] == name:
            self.at += 1
            return True
        return False

    def need(self, text: str) -> None:
        if not self.take(text):
            raise _Unreadable(phrase("'{text}' is expected before {next}", text=text, next=self.peek()[1]))

    def end(self) -> None:
        if self.at < len(self.tokens):
            raise _Unreadable(phrase("'{text}' cannot follow there; join two constraints with AND, OR or MINUS", text=self.peek()[1]))

    def expression(self) -> None:
        self.sub_expression()
        while self.take("."):
            self.sub_expression()
        if self.take(":"):
            self.refinement()
        while self.take("AND", "OR", "MINUS", ","):
            self.sub_expression()

    def sub_expression(self) -> None:
        while self.kind("op"):
            pass
        if self.take("("):
            self.expression()
            self.need(")")
        elif not self.kind("id"):
            raise _Unreadable(phrase("a concept is expected before {next}", next=self.peek()[1]))
        self.kind("term")
        while self.kind("filter"):
            pass

    def refinement(self) -> None:
        self.attribute_group()
        while self.take("AND", "OR", ","):
            self.attribute_group()

    def attribute_group(self) -> None:
        self.cardinality()
        if self.take("{"):
            self.refinement()
            self.need("}")
        elif self.take("("):
            self.refinement()
            self.need(")")
        else:
            self.attribute()

    def cardinality(self) -> None:
        if self.take("["):
            while not self.take("]"):
                if self.peek()[0] == "end":
                    raise _Unreadable(phrase("'{text}' is missing", text="]"))
                self.at += 1

    def attribute(self) -> None:
        self.sub_expression()
        if not self.take("=", "!=") and not self.kind("op"):
            raise _Unreadable(phrase("'{text}' is expected before {next}", text="=", next=self.peek()[1]))
        if not self.kind("number") and not self.kind("text"):
            self.sub_expression()
