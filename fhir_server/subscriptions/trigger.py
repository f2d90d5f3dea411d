"""Does a change trigger a topic? (https://hl7.org/fhir/R5/subscriptiontopic-definitions.html#SubscriptionTopic.resourceTrigger)

Of the two versions alone: nothing is looked up, so an answer is the same however late it is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import structlog

from fhir_server.fhirpath import Context, Expression, FhirPathError
from fhir_server.model.json_format import Resource

log = structlog.stdlib.get_logger("passerelle.subscriptions")

Interaction: TypeAlias = Literal["create", "update", "delete"]
INTERACTIONS: tuple[Interaction, ...] = ("create", "update", "delete")
VARIABLES = ("previous", "current")


@dataclass(frozen=True, slots=True)
class Trigger:
    """One `resourceTrigger`: what it says, the type of the focus, the interactions, and the criterion (None: every change of them)."""

    description: str
    resource: str
    interactions: frozenset[Interaction]
    criterion: Expression | None

    def fires(self, previous: Resource | None, current: Resource | None, interaction: Interaction) -> bool:
        """Whether this change counts: a version before and after, None where there is none (`previous` also after a deletion).

        The criterion must be exactly true. One that cannot be evaluated does not fire: that is logged, without data.
        """
        if interaction not in self.interactions or self.resource != _type_of(previous, current):
            return False
        if previous is not None and current is not None and unchanged(previous, current):
            return False
        return self.criterion is None or self._holds(self.criterion, previous, current)

    def _holds(self, criterion: Expression, previous: Resource | None, current: Resource | None) -> bool:
        variables = {"previous": _collection(previous), "current": _collection(current)}
        context = Context(variables=variables, stub_references=True)
        try:
            found = criterion.evaluate(current or previous or {}, context)
        except FhirPathError as error:  # its message may quote the resource
            log.warning("a criterion could not be evaluated", trigger=self.description, type=self.resource, column=error.column)
            return False
        return [node.value for node in found] == [True]


def unchanged(previous: Resource, current: Resource) -> bool:
    """True where nothing but `meta` differs, or a narrative that is generated from the rest."""
    return _content(previous) == _content(current)


def _content(resource: Resource) -> Resource:
    generated = (resource.get("text") or {}).get("status") == "generated"
    return {name: value for name, value in resource.items() if name != "meta" and not (name == "text" and generated)}


def _type_of(previous: Resource | None, current: Resource | None) -> str | None:
    kind: str | None = (current or previous or {}).get("resourceType")
    return kind


def _collection(resource: Resource | None) -> list[Any]:
    return [] if resource is None else [resource]
