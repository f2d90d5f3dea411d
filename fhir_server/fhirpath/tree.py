"""The syntax tree of FHIRPath (http://hl7.org/fhirpath/N1/#grammar): what the parser makes and the compiler reads.

`column` counts from 1 in the source and points at the token that names the node.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Literal:
    """A boolean, integer, decimal, string, date, dateTime, time or quantity; `value` None is the empty collection `{}`."""

    value: Any
    column: int


@dataclass(frozen=True, slots=True)
class Member:
    """`target.name`, or a name at the beginning of a path (target None)."""

    target: Tree | None
    name: str
    column: int


@dataclass(frozen=True, slots=True)
class Call:
    """`target.name(arguments)`; target None where the function stands at the beginning of a path."""

    target: Tree | None
    name: str
    arguments: tuple[Tree, ...]
    column: int


@dataclass(frozen=True, slots=True)
class Index:
    """`target[index]`."""

    target: Tree
    index: Tree
    column: int


@dataclass(frozen=True, slots=True)
class Unary:
    """`+operand` or `-operand`."""

    operator: str
    operand: Tree
    column: int


@dataclass(frozen=True, slots=True)
class Binary:
    """`left operator right`."""

    operator: str
    left: Tree
    right: Tree
    column: int


@dataclass(frozen=True, slots=True)
class TypeOperation:
    """`operand is type` or `operand as type`."""

    operator: str
    operand: Tree
    type: str  # "Patient", "FHIR.Patient", "System.Boolean"
    column: int


@dataclass(frozen=True, slots=True)
class Variable:
    """`$this`, `$index` or `$total`."""

    name: str
    column: int


@dataclass(frozen=True, slots=True)
class Constant:
    """`%name`: a value from the environment."""

    name: str
    column: int


Tree: TypeAlias = Literal | Member | Call | Index | Unary | Binary | TypeOperation | Variable | Constant


def children(tree: Tree) -> tuple[Tree, ...]:
    """The direct parts of a node."""
    match tree:
        case Member(target=target):
            return (target,) if target is not None else ()
        case Call(target=target, arguments=arguments):
            return (target, *arguments) if target is not None else arguments
        case Index(target=target, index=index):
            return (target, index)
        case Unary(operand=operand) | TypeOperation(operand=operand):
            return (operand,)
        case Binary(left=left, right=right):
            return (left, right)
        case _:
            return ()
