"""Where a finding stands, as a FHIRPath expression that is only written when something is found.

A location is a chain of `(parent, step, index)`, so that walking down costs one small tuple an element.
"""

from __future__ import annotations

from typing import Any

Location = tuple[Any, str, int | None]
"""(the parent's Location or None, the step such as "name" or "value.ofType(Quantity)", the index in an array or None)"""


def expression(location: Location | None) -> str:
    """`Patient.name[0].given[1]`."""
    steps: list[str] = []
    while location is not None:
        location, step, index = location
        steps.append(step if index is None else f"{step}[{index}]")
    return ".".join(reversed(steps))


def step_of(name: str, choice: str | None, type_name: str) -> str:
    """How FHIRPath names an element: `birthDate`, and `value.ofType(Quantity)` for valueQuantity."""
    return f"{choice}.ofType({type_name})" if choice else name
