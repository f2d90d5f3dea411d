"""What base definitions cannot say and the specification's prose does: references, narratives, attachments, Bundles, definitions...

One walk over a resource visits each element of a type, and each resource, that a check is registered for. The plan of the walk is compiled
from the schema, so that all other elements cost a dictionary look-up at most.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fhir_server.definitions.definitions import Definitions
from fhir_server.model.issue import Issue
from fhir_server.model.json_format import Resource
from fhir_server.model.schema import Element
from fhir_server.terminology.terminology import Terminology
from fhir_server.validation.bundle_index import BundleIndex
from fhir_server.validation.location import Location, step_of
from fhir_server.validation.surroundings import Surroundings, Visit

ElementCheck = Callable[[Visit], Iterable[Issue]]
ResourceCheck = Callable[[Surroundings], Iterable[Issue]]
Glance = Callable[[Any], bool]
"""True of a primitive value that no check has anything to say about; whatever it is False of is checked."""


@dataclass(slots=True)
class _Step:
    """One JSON key worth a visit."""

    step: str
    path: str
    checks: Sequence[ElementCheck]
    type: str | None  # the type to walk into; "Resource" for any resource, None for a primitive
    is_fine: Glance | None = None


Plan = dict[str, _Step]


class ContentCheck:
    """Runs the checks of `elements` (by FHIR type) and `resources` (by resource type, "Resource" for all); safe to share."""

    def __init__(
        self, definitions: Definitions, terminology: Terminology,
        elements: Mapping[str, Sequence[ElementCheck]], resources: Mapping[str, Sequence[ResourceCheck]],
        glances: Mapping[str, Glance] | None = None,
    ):  # fmt: skip
        self.definitions, self.terminology, self.schema = definitions, terminology, definitions.schema
        self._elements, self._resources, self._glances = elements, resources, glances or {}
        self._plans: dict[str, Plan] = {}

    def check(self, resource: Resource, index: BundleIndex | None = None) -> list[Issue]:
        """The issues of a resource whose structure is good enough to be walked; `index` is that of a Bundle, where it is made already."""
        found: list[Issue] = []
        self._resource(resource, (None, resource["resourceType"], None), None, found, index=index)
        return found

    def _resource(
        self, resource: Resource, at: Location, outer: Surroundings | None, found: list[Issue], full_url: str | None = None,
        index: BundleIndex | None = None,
    ) -> None:  # fmt: skip
        type_name = resource.get("resourceType", "")
        if type_name not in self.schema.resource_types:
            return
        around = self._around(resource, at, outer, full_url, index)
        for check in (*self._resources.get("Resource", ()), *self._resources.get(type_name, ())):
            found += check(around)
        self._object(resource, type_name, at, around, found)

    def _around(
        self, resource: Resource, at: Location, outer: Surroundings | None, full_url: str | None, index: BundleIndex | None
    ) -> Surroundings:
        if outer is not None and at[1] == "contained":
            return Surroundings(resource, at, outer.container, self.definitions, self.terminology, outer.bundle, outer.full_url)
        is_bundle = resource["resourceType"] == "Bundle"
        bundle = (index or BundleIndex(resource)) if is_bundle else outer.bundle if outer else None
        return Surroundings(resource, at, resource, self.definitions, self.terminology, bundle, full_url)

    def _object(self, value: dict[str, Any], type_name: str, at: Location, around: Surroundings, found: list[Issue]) -> None:
        plan = self._plans.get(type_name) or self._plan(type_name)
        for key, one in value.items():
            step = plan.get(key)
            if step is None or (step.is_fine is not None and step.is_fine(one)):
                continue
            if type(one) is not list:
                self._value(one, step, (at, step.step, None), value, around, found)
                continue
            for index, item in enumerate(one):
                if step.is_fine is not None and step.is_fine(item):
                    continue
                self._value(item, step, (at, step.step, index), value, around, found)

    def _value(self, value: Any, step: _Step, at: Location, parent: dict[str, Any], around: Surroundings, found: list[Issue]) -> None:
        if value is None:
            return
        if step.checks:
            visit = Visit(value, at, step.path, around)
            for check in step.checks:
                found += check(visit)
        if type(value) is not dict:
            return
        if step.type == "Resource":
            full_url = parent.get("fullUrl")
            self._resource(value, at, around, found, full_url if isinstance(full_url, str) else None)
        elif step.type is not None:
            self._object(value, step.type, at, around, found)

    def _plan(self, type_name: str) -> Plan:
        plan = self._plans.get(type_name)
        if plan is None:
            plan = self._plans[type_name] = dict(self._steps(type_name))
        return plan

    def _steps(self, type_name: str) -> Iterable[tuple[str, _Step]]:
        definition = self.schema.get(type_name)
        for element in definition.elements.values() if definition else ():
            step = step_of(element.name, element.choice, element.type)
            inner = self._inner(element)
            checks = self._elements.get(element.type, ())
            if inner or checks:
                yield element.name, _Step(step, element.path, checks, inner, self._glances.get(element.type))
            if inner is None and not element.xml_attribute:
                yield "_" + element.name, _Step(step, element.path, (), "Element")

    def _inner(self, element: Element) -> str | None:
        kind = self.schema[element.type]
        if kind.kind == "resource":
            return "Resource"
        return None if kind.is_primitive else element.type
