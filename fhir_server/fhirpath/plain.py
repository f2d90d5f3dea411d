"""What an expression gave, as FHIR JSON writes it."""

from __future__ import annotations

from typing import Any

from fhir_server.fhirpath.quantity import Quantity


def plain(value: Any) -> Any:
    """A computed value as FHIR JSON writes it: text for dates and times, a Quantity for quantities."""
    if isinstance(value, Quantity):
        ucum = {} if value.calendar else {"system": "http://unitsofmeasure.org", "code": value.unit}
        return {"value": value.value, "unit": value.word or value.unit} | ucum
    return value if isinstance(value, bool | int | str | dict | list) or not hasattr(value, "kind") else str(value)
