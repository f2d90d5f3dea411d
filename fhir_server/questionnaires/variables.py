"""The variables that one place of a form declares (https://hl7.org/fhir/uv/sdc/STU4/expressions.html#variable): an expression sees
them all, a variable those before it.

A form may have thousands of both, so nothing is made for a variable until it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any

from fhir_server.fhirpath import Node
from fhir_server.questionnaires.item import Item


@dataclass(frozen=True, slots=True)
class Declared:
    """The variables of one place in their order, and where each name stands."""

    expressions: list[Item]
    places: Mapping[object, list[int]]


def declared(expressions: list[Item]) -> Declared:
    """Expressions with names, in the order of the form."""
    places: dict[object, list[int]] = {}
    for place, one in enumerate(expressions):
        places.setdefault(one["name"], []).append(place)
    return Declared(expressions, places)


class Variables(Mapping[str, Any]):
    """The variables that one place declares and the names around it; each variable is worked out once, when it is asked for.

    `values` is what was worked out, by position; `run` gets an expression and the names that it sees.
    """

    def __init__(self, declared: Declared, around: Mapping[str, Any], run: Callable[[Item, Mapping[str, Any]], list[Node]]):
        self._declared, self._around, self._run = declared, around, run
        self._seen, self._values = len(declared.expressions), dict[int, list[Node]]()

    def __getitem__(self, name: str) -> Any:
        place = self._place(name)
        if place is None:
            return self._around[name]
        if place not in self._values:
            self._values[place] = self._run(self._declared.expressions[place], self._before(place))
        return self._values[place]

    def _place(self, name: object) -> int | None:
        """Of the last variable of this name that is seen."""
        return next((one for one in reversed(self._declared.places.get(name, ())) if one < self._seen), None)

    def _before(self, place: int) -> Variables:
        """What the variable at a place sees."""
        found = copy(self)
        found._seen = place
        return found

    def __contains__(self, name: object) -> bool:
        return self._place(name) is not None or name in self._around

    def __iter__(self) -> Iterator[str]:
        own = (str(one["name"]) for one in self._declared.expressions[: self._seen])
        return iter(dict.fromkeys([*self._around, *own]))

    def __len__(self) -> int:
        return sum(1 for _ in self)
