"""The Parameters of a FHIRPath Patch read into operations (https://hl7.org/fhir/R4/fhirpatch.html)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fhir_server.fhirpath.elements import Property
from fhir_server.model.json_format import Resource, decode_json, encode_json
from fhir_server.model.schema import Schema
from fhir_server.patch.place import Value, put, wanted_property
from fhir_server.patch.refusal import DoesNotApply, counted, malformed

Part = Mapping[str, Any]
MAX_PATH = 2000


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation; `parts` by name. Its values are read when asked for, since their types depend on where they go."""

    type: str
    path: str
    parts: Mapping[str, Part]

    def text(self, name: str) -> str:
        """A part that is a string."""
        found = _primitive(self.parts, name, ("valueString", "valueCode", "valueId"))
        if not isinstance(found, str) or not found:
            raise DoesNotApply(f"{self.type} needs the part {name!r} with a valueString.")
        return found

    def number(self, name: str) -> int:
        """A part that is an integer from 0."""
        found = _primitive(self.parts, name, ("valueInteger", "valueUnsignedInt", "valuePositiveInt"))
        if type(found) is not int or found < 0:
            raise DoesNotApply(f"{self.type} needs the part {name!r} with a valueInteger that is 0 or more.")
        return found

    def value(self, schema: Schema, type_name: str, name: str) -> tuple[Property, Value]:
        """The new value, and the property of `type_name` that takes it as its element `name`."""
        if "value" not in self.parts:
            raise DoesNotApply(f"{self.type} needs the part 'value'.")
        return read_value(self.parts["value"], schema, type_name, name)


def operations(parameters: Resource) -> list[Any]:
    """The parameters of the resource; FhirError MALFORMED or TOO_LARGE where it can be no patch."""
    if parameters.get("resourceType") != "Parameters":
        raise malformed("A FHIRPath Patch is a Parameters resource.", "Parameters")
    found = parameters.get("parameter", [])
    if not isinstance(found, list):
        raise malformed("Parameters.parameter is an array, even of one operation.", "Parameters.parameter")
    counted(len(found))
    return found


def read_operation(parameter: Any) -> Operation:
    """One parameter as an operation."""
    if not isinstance(parameter, dict) or parameter.get("name") != "operation":
        raise DoesNotApply("each parameter of a patch has the name 'operation'.")
    listed = parameter.get("part")
    parts: dict[str, Part] = {}
    for part in listed if isinstance(listed, list) else ():
        if not isinstance(part, dict) or not isinstance(part.get("name"), str) or parts.setdefault(part["name"], part) is not part:
            raise DoesNotApply("each part has a name of its own.")
    kind = _primitive(parts, "type", ("valueCode", "valueString"))
    path = _primitive(parts, "path", ("valueString",))
    if not isinstance(kind, str) or not isinstance(path, str) or not 0 < len(path) <= MAX_PATH:
        raise DoesNotApply(f"an operation needs the parts 'type' (valueCode) and 'path' (valueString, up to {MAX_PATH} characters).")
    return Operation(kind, path, parts)


def _primitive(parts: Mapping[str, Part], name: str, keys: tuple[str, ...]) -> Any:
    part = parts.get(name, {})
    return next((part[key] for key in keys if key in part), None)


def read_value(part: Part, schema: Schema, type_name: str, name: str) -> tuple[Property, Value]:
    """A part's value: a data type, a resource, or parts that make an object of a type without a name of its own."""
    if isinstance(part.get("part"), list):
        row = wanted_property(schema, type_name, name, Value(None, None, None))
        return row, Value(_object(part["part"], schema, str(row[2])), None, row[2])
    value = _plain(part, schema)
    return wanted_property(schema, type_name, name, value), value


def _plain(part: Part, schema: Schema) -> Value:
    if isinstance(part.get("resource"), dict):
        return Value(_copy(part["resource"]), None, part["resource"].get("resourceType"))
    found = {key.removeprefix("_") for key in part if key.removeprefix("_").startswith("value")}
    element = schema["Parameters.parameter"].elements.get(next(iter(found))) if len(found) == 1 else None
    if element is None:
        raise DoesNotApply("the part 'value' needs one value[x], a resource, or parts.")
    return Value(_copy(part.get(element.name)), _copy(part.get(f"_{element.name}")), element.type)


def _object(parts: list[Any], schema: Schema, type_name: str) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for part in parts:
        if not isinstance(part, dict) or not isinstance(part.get("name"), str):
            raise DoesNotApply("each part of a value has a name.")
        row, value = read_value(part, schema, type_name, part["name"])
        put(made, row, value)
    return made


def _copy(value: Any) -> Any:
    return decode_json(encode_json(value)) if type(value) in (dict, list) else value
