"""What base definitions cannot say and the specification's prose does: references, narratives, attachments, Bundles, definitions...

The walk of `structure` notes each resource, and each element of a type, that a check is registered for; here they are checked, in the order
of the document. All other elements cost nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from fhir_server.definitions.definitions import Definitions
from fhir_server.fhirpath.steps import Steps
from fhir_server.model.contained import Contained
from fhir_server.model.issue import Issue
from fhir_server.model.json_format import Resource
from fhir_server.terminology.terminology import Terminology
from fhir_server.validation.bundle_index import BundleIndex
from fhir_server.validation.sighting import Held, Plain, Sighting, Watched
from fhir_server.validation.structure import StructureCheck
from fhir_server.validation.surroundings import Surroundings, Visit

ElementCheck = Callable[[Visit], Iterable[Issue]]
ResourceCheck = Callable[[Surroundings], Iterable[Issue]]
Glance = Plain


class ContentCheck:
    """Runs the checks of `elements` (by FHIR type) and `resources` (by resource type, "Resource" for all); safe to share.

    `watched` is what it wants to be noted of a structure.
    """

    def __init__(
        self, definitions: Definitions, terminology: Terminology,
        elements: Mapping[str, Sequence[ElementCheck]], resources: Mapping[str, Sequence[ResourceCheck]],
        glances: Mapping[str, Glance] | None = None,
    ):  # fmt: skip
        self.definitions, self.terminology = definitions, terminology
        self._elements, self._resources = elements, resources
        self.watched: Watched = {name: (glances or {}).get(name) for name in elements}

    def check(self, resource: Resource) -> list[Issue]:
        """The issues of a resource whose structure is good enough to be walked."""
        return self.of_seen(StructureCheck(self.definitions.schema, self.watched).survey(resource)[1])

    def of_seen(self, seen: Iterable[Sighting], index: BundleIndex | None = None, steps: Steps | None = None) -> list[Issue]:
        """The same, where the structure has been walked already; `index` is that of the outermost Bundle, where it is made already, and
        `steps` are what all evaluations for the document may take."""
        found: list[Issue] = []
        for one in seen:
            if not one.type:
                one.held.around = self._around(one.held, None if one.held.outer else index, steps)
                self._resource(one.held, found)
                continue
            visit = Visit(one.value, one.at, one.path, one.held.around)
            for check in self._elements[one.type]:
                found += check(visit)
        return found

    def _resource(self, held: Held, found: list[Issue]) -> None:
        around = held.around
        for check in (*self._resources.get("Resource", ()), *self._resources.get(held.resource["resourceType"], ())):
            found += check(around)

    def _around(self, held: Held, index: BundleIndex | None, steps: Steps | None) -> Surroundings:
        resource, at = held.resource, held.at
        outer: Surroundings | None = held.outer.around if held.outer else None
        if outer is not None and at[1] == "contained":
            return replace(outer, resource=resource, at=at, ids=held.ids)
        is_bundle = resource["resourceType"] == "Bundle"
        bundle = (index or BundleIndex(resource)) if is_bundle else outer.bundle if outer else None
        inner = Contained(resource)
        return Surroundings(resource, at, resource, self.definitions, self.terminology, inner, bundle, held.full_url, held.ids, steps)
