"""Types by name: `FHIR.Patient`, `System.Boolean`, `Patient` (http://hl7.org/fhirpath/N1/#types-and-reflection,
https://hl7.org/fhir/R4/fhirpath.html#types).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fhir_server.fhirpath.errors import FhirPathError
from fhir_server.fhirpath.tree import Member, Tree
from fhir_server.model.schema import Schema

SYSTEM = "System."
SYSTEM_NAMES = frozenset(("Boolean", "String", "Integer", "Decimal", "Date", "DateTime", "Time", "Quantity", "Any"))

Matches = Callable[[str], bool]
"""Whether a node's type is the one asked for."""


@dataclass(frozen=True, slots=True)
class TypeName:
    """A type as an expression writes it; `namespace` is "" where it wrote none (FHIR is looked in first, then System)."""

    namespace: str
    name: str
    column: int | None = None

    def is_known(self, schema: Schema) -> bool:
        fhir = self.namespace in ("", "FHIR") and self.name in schema
        return fhir or (self.namespace in ("", "System") and self.name in SYSTEM_NAMES)

    def __str__(self) -> str:
        return f"{self.namespace}.{self.name}" if self.namespace else self.name


def type_name(text: str, column: int | None = None) -> TypeName:
    """`System.Boolean`, `FHIR.Patient`, `Patient`, `Patient.contact`."""
    namespace, _, name = text.partition(".")
    return TypeName(namespace, name, column) if namespace in ("FHIR", "System") and name else TypeName("", text, column)


def type_argument(tree: Tree) -> TypeName:
    """The type that an argument of `is()`, `as()` or `ofType()` names; FhirPathError where it is none."""
    parts: list[str] = []
    current: Tree | None = tree
    while isinstance(current, Member):
        parts.append(current.name)
        current = current.target
    if current is not None or not parts:
        raise FhirPathError("A type is expected here, such as Patient or System.String.", tree.column)
    return type_name(".".join(reversed(parts)), tree.column)


def is_matcher(wanted: TypeName, schema: Schema) -> Matches:
    """Of the type or of one that derives from it."""
    return _cached(lambda found: _is(wanted, found, schema))


def as_matcher(wanted: TypeName, schema: Schema) -> Matches:
    """As `is_matcher`, but a primitive must be of the very type: a `code` is a `string` and yet not taken as one."""
    definition = schema.get(wanted.name)
    if definition is not None and definition.is_primitive and wanted.namespace != "System":
        return wanted.name.__eq__
    return is_matcher(wanted, schema)


def lenient_matcher(strict: Matches, wanted: TypeName, schema: Schema) -> Matches:
    """`strict`, or the FHIR primitive that an unqualified System name stands for: `DateTime` for `dateTime`."""
    fhir = wanted.name[:1].lower() + wanted.name[1:]
    if wanted.namespace or wanted.name in schema or fhir not in schema.primitive_types:
        return strict
    return lambda found: found == fhir or strict(found)


def _cached(matches: Matches) -> Matches:
    known: dict[str, bool] = {}

    def cached(found: str) -> bool:
        answer = known.get(found)
        if answer is None:
            answer = known[found] = matches(found)
        return answer

    return cached


def _is(wanted: TypeName, found: str, schema: Schema) -> bool:
    if found.startswith(SYSTEM):
        system = wanted.namespace == "System" or (wanted.namespace == "" and (wanted.name not in schema or wanted.name == "Quantity"))
        return system and wanted.name in (found.removeprefix(SYSTEM), "Any")
    return wanted.namespace != "System" and schema.is_subtype(found, wanted.name)


def require_known(wanted: TypeName, schema: Schema) -> None:
    """FhirPathError where no such type exists."""
    if not wanted.is_known(schema):
        raise FhirPathError(f"There is no type {wanted}.", wanted.column)


def split_type(found: str) -> tuple[str, str]:
    """Namespace and name of a node's type."""
    return ("System", found.removeprefix(SYSTEM)) if found.startswith(SYSTEM) else ("FHIR", found)
