"""Segments as they are sent: fields by number, components by name, everything escaped (HL7 2.5, 2.5 and 2.7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters.hl7v2.data_types import data_types
from adapters.hl7v2.message import Separators, escape

USUAL = Separators()


def segment(name: str, fields: Mapping[int, Any]) -> str:
    """`segment("PID", {3: [{"id": "7", "authority": {"universalId": "1.2"}}]})` is `PID|||7^^^&1.2`. KeyError for an unknown component."""
    last = max(fields, default=0)
    return USUAL.field.join([name, *(_field(name, number, fields.get(number)) for number in range(1, last + 1))])


def _field(name: str, number: int, value: Any) -> str:
    kind = data_types().field_type(name, number)
    repetitions = value if isinstance(value, list) else [value]
    return USUAL.repetition.join(_value(one, kind, (USUAL.component, USUAL.subcomponent)) for one in repetitions)


def _value(value: Any, kind: str | None, marks: tuple[str, ...]) -> str:
    if not isinstance(value, Mapping):
        return "" if value is None else escape(str(value), USUAL)
    if not marks or kind is None:
        raise KeyError(f"there are no parts here for {', '.join(value)}")
    parts: dict[int, str] = {}
    for name, one in value.items():
        component = data_types().component(kind, name)
        parts[component.position] = _value(one[0] if isinstance(one, list) else one, component.type, marks[1:])
    return marks[0].join(parts.get(at, "") for at in range(max(parts) + 1))
