"""What an operation is asked with (https://hl7.org/fhir/R4/operations.html#executing): Parameters, a query string, or a resource itself.

The OperationDefinition says which names there are, how often each may come and of what type it is; whatever else is sent is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from fhir_server.model.issue import Category, FhirError, fault
from fhir_server.model.json_format import Resource

Definition = Mapping[str, Any]
Kind = TypeVar("Kind")

_INTEGER = re.compile(r"-?\d{1,9}")
MAX_VALUES = 1000
"""Values of one operation; no parameter of R4's needs more."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """Values by name, each a list: text out of a query string, JSON values, resources or lists of parts out of Parameters."""

    values: Mapping[str, Sequence[Any]] = field(default_factory=dict)

    def __contains__(self, name: object) -> bool:
        return name in self.values

    def text(self, name: str) -> str | None:
        """The value of a parameter of a primitive type that is written as text."""
        return self._one(name, str, "a text")

    def required(self, name: str) -> str:
        """As `text`; MALFORMED where it is not there."""
        found = self.text(name)
        if not found:
            raise fault(Category.MALFORMED, "required", f"The parameter '{name}' is missing; this operation cannot do without it.")
        return found

    def texts(self, name: str) -> list[str]:
        return [_typed(name, value, str, "a text") for value in self.values.get(name, ())]

    def boolean(self, name: str) -> bool | None:
        value = self._value(name)
        if value in ("true", "false"):
            return bool(value == "true")
        return None if value is None else bool(_typed(name, value, bool, "true or false"))

    def integer(self, name: str, least: int = 0) -> int | None:
        """A whole number from `least`; MALFORMED for anything else."""
        value = self._value(name)
        if isinstance(value, str) and _INTEGER.fullmatch(value):
            value = int(value)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < least):
            raise _wrong(name, value, f"a whole number from {least}")
        return value

    def element(self, name: str) -> dict[str, Any] | None:
        """A Coding or CodeableConcept; only Parameters can carry it."""
        return self._one(name, dict, "an element, which only Parameters can carry (POST them)")

    def resource(self, name: str, type_name: str) -> Resource | None:
        """A resource of this type."""
        found = self._one(name, dict, f"a {type_name}, which only a body can carry (POST it)")
        if found is not None and found.get("resourceType") != type_name:
            raise _wrong(name, found.get("resourceType"), f"a {type_name}")
        return found

    def parts(self, name: str) -> list[Arguments]:
        """The parts of a parameter that has parts, once for each time it is there."""
        return [Arguments(_named(value)) for value in self.values.get(name, ()) if isinstance(value, list)]

    def any_of(self, names: Iterable[str]) -> str | None:
        """The first of the names that is here."""
        return next((name for name in names if name in self.values), None)

    def _value(self, name: str) -> Any:
        values = self.values.get(name, ())
        return values[-1] if values else None

    def _one(self, name: str, kind: type[Kind], wanted: str) -> Kind | None:
        value = self._value(name)
        return None if value is None else _typed(name, value, kind, wanted)


def _typed(name: str, value: Any, kind: type[Kind], wanted: str) -> Kind:
    if not isinstance(value, kind):
        raise _wrong(name, value, wanted)
    return value


def _wrong(name: str, value: Any, wanted: str) -> FhirError:
    shown = "a structure" if isinstance(value, dict | list) else f"'{str(value)[:60]}'"
    return fault(Category.MALFORMED, "value", f"The parameter '{name}' is {shown}; it must be {wanted}.")


def from_query(pairs: Iterable[tuple[str, str]]) -> Arguments:
    """Name and text, as a query string or a form has them."""
    values: dict[str, list[Any]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return Arguments(values)


def from_body(body: Resource, pairs: Iterable[tuple[str, str]], definition: Definition) -> Arguments:
    """Parameters, or the resource itself where the operation has just one parameter of its type; `pairs` of the address count too."""
    asked: dict[str, Sequence[Any]] = dict(from_query(pairs).values)
    if body.get("resourceType") == "Parameters":
        return Arguments(asked | _named(body.get("parameter")))
    takers = [one["name"] for one in _inputs(definition) if one.get("type") == body.get("resourceType")]
    if len(takers) != 1:
        raise fault(Category.MALFORMED, "structure", f"${definition.get('code')} is sent a resource of the type Parameters.")
    return Arguments(asked | {takers[0]: [body]})


def _named(parameters: Any) -> dict[str, Sequence[Any]]:
    values: dict[str, list[Any]] = {}
    for one in parameters if isinstance(parameters, list) else ():
        if not isinstance(one, dict) or not isinstance(one.get("name"), str):
            raise fault(Category.MALFORMED, "structure", "Each parameter of Parameters is an object with a name.", "Parameters.parameter")
        values.setdefault(one["name"], []).append(_content(one))
    return dict(values)


def _content(parameter: dict[str, Any]) -> Any:
    if "resource" in parameter or "part" in parameter:
        return parameter.get("resource", parameter.get("part"))
    found = [value for key, value in parameter.items() if key.startswith("value")]
    if len(found) != 1:
        sentence = f"The parameter '{parameter['name'][:60]}' has no value; give it one value[x], a resource or parts."
        raise fault(Category.MALFORMED, "required", sentence, "Parameters.parameter")
    return found[0]


def checked(arguments: Arguments, definition: Definition, unsupported: Iterable[str] = (), also: Iterable[str] = ()) -> Arguments:
    """The arguments where the OperationDefinition has them all, as often as they come; `also` are names beside the definition."""
    if sum(map(len, arguments.values.values())) > MAX_VALUES:
        raise fault(Category.TOO_LARGE, "too-costly", f"More than {MAX_VALUES} parameters are not read.")
    known = {one["name"]: str(one.get("max")) for one in _inputs(definition)}
    left_out = frozenset(unsupported)
    for name, values in arguments.values.items():
        if (name not in known and name not in also) or name in left_out:
            raise _unknown(name, [one for one in known if one not in left_out], definition)
        if len(values) > 1 and known.get(name) == "1":
            raise fault(Category.MALFORMED, "value", f"The parameter '{name}' may come once; it came {len(values)} times.")
    return arguments


def _unknown(name: str, known: list[str], definition: Definition) -> FhirError:
    sentence = f"${definition.get('code')} has no parameter '{name[:60]}' on this server; it has {', '.join(known)}. Leave it out."
    return fault(Category.MALFORMED, "not-supported", sentence)


def _inputs(definition: Definition) -> Iterable[Definition]:
    return (one for one in definition.get("parameter", ()) if one.get("use") == "in")


def answer(*parameters: dict[str, Any]) -> Resource:
    """Parameters out."""
    return {"resourceType": "Parameters", "parameter": list(parameters)}
