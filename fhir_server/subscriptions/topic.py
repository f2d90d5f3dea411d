"""A SubscriptionTopic: what may be asked for, when it fires, how it may be narrowed, what comes with it.

R4 has no such resource; topics are written in R5's shape, as the backport guide has it
(http://hl7.org/fhir/uv/subscriptions-backport/STU1.1, https://hl7.org/fhir/R5/subscriptiontopic.html).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fhir_server.model.json_format import Resource
from fhir_server.subscriptions.shape import Inclusion
from fhir_server.subscriptions.trigger import Interaction, Trigger


@dataclass(frozen=True, slots=True)
class Filter:
    """One `canFilterBy`: a search parameter of the focus's type, chained (`patient.identifier`) where it says so."""

    resource: str
    parameter: str
    modifiers: frozenset[str]
    comparators: frozenset[str]
    description: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic ready for use; `title` and `description` by language (`en`, `fr`)."""

    url: str
    title: Mapping[str, str]
    description: Mapping[str, str]
    triggers: tuple[Trigger, ...]
    filters: tuple[Filter, ...]
    inclusions: tuple[Inclusion, ...]

    @property
    def resources(self) -> tuple[str, ...]:
        """The types that its focus may have."""
        return tuple(dict.fromkeys(trigger.resource for trigger in self.triggers))

    def triggered(self, previous: Resource | None, current: Resource | None, interaction: Interaction) -> bool:
        """Whether a change is an event of this topic; one change is one event, however many of its triggers fire."""
        return any(trigger.fires(previous, current, interaction) for trigger in self.triggers)

    def filter(self, resource: str, parameter: str) -> Filter | None:
        """The filter with this parameter (`patient`, without a modifier), None where the topic has none such."""
        return next((one for one in self.filters if (one.resource, one.parameter) == (resource, parameter)), None)

    def includes(self, focus: Resource) -> list[str]:
        """The references to what comes with this focus in a notification with full resources, each once."""
        return list(dict.fromkeys(reference for one in self.inclusions for reference in one.references(focus)))
