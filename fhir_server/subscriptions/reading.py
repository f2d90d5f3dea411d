"""SubscriptionTopic JSON -> Topic (https://hl7.org/fhir/R5/subscriptiontopic-definitions.html). What is not carried out here is refused
with its place, never left out: a criterion that nobody asks would make a topic fire for everything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from fhir_server.definitions.definitions import BASE, Definitions
from fhir_server.definitions.search_parameter import SearchParameter
from fhir_server.fhirpath import Expression, FhirPathError, check_types, compile_expression
from fhir_server.model.issue import FhirError
from fhir_server.model.json_format import Resource, decode_json
from fhir_server.questionnaires.translation import said
from fhir_server.subscriptions.shape import Inclusion
from fhir_server.subscriptions.topic import Filter, Topic
from fhir_server.subscriptions.trigger import INTERACTIONS, VARIABLES, Trigger

LANGUAGES = ("en", "fr")
ABOUT = frozenset((
    "resourceType", "id", "meta", "text", "extension", "url", "identifier", "version", "name", "title", "_title", "status", "experimental",
    "date", "publisher", "contact", "description", "_description", "jurisdiction", "purpose", "copyright", "language",
))  # fmt: skip
"""What says something about a topic, and changes nothing in what it does."""
TOPIC = ABOUT | {"resourceTrigger", "canFilterBy", "notificationShape"}
TRIGGER = frozenset(("description", "_description", "resource", "supportedInteraction", "fhirPathCriteria"))
FILTER = frozenset(("description", "_description", "resource", "filterParameter", "modifier", "comparator"))
SHAPE = frozenset(("resource", "include"))
COMPARATORS = frozenset(("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"))


class TopicFault(ValueError):
    """A topic that cannot be used: the file, the place in it, and why."""

    def __init__(self, file: str, place: str, why: str):
        self.place = place
        super().__init__(f"{file}: {place}: {why}")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the reading stands, so that every fault can say so."""

    file: str
    path: str
    value: Any

    def fault(self, why: str) -> TopicFault:
        return TopicFault(self.file, self.path, why)

    def members(self, known: frozenset[str]) -> Mapping[str, Any]:
        if not isinstance(self.value, dict):
            raise self.fault("an object is wanted here")
        for name in self.value:
            if name not in known:
                raise self.at(name).fault(f"this is not carried out here; known are {', '.join(sorted(known))}")
        return self.value

    def at(self, name: str) -> _Place:
        value = self.value.get(name) if isinstance(self.value, dict) else None
        return _Place(self.file, f"{self.path}.{name}", value)

    def each(self, name: str) -> Iterator[_Place]:
        under = self.at(name)
        if not isinstance(under.value, list | None):
            raise under.fault("a list is wanted here")
        for index, value in enumerate(under.value or ()):
            yield _Place(self.file, f"{under.path}[{index}]", value)

    def text(self, name: str) -> str:
        under = self.at(name)
        if not isinstance(under.value, str) or not under.value:
            raise under.fault("a text is wanted here")
        return under.value

    def codes(self, name: str, known: frozenset[str] | tuple[str, ...] | None = None) -> frozenset[str]:
        for one in self.each(name):
            if not isinstance(one.value, str) or (known is not None and one.value not in known):
                raise one.fault(f"one of {', '.join(sorted(known))} is wanted here" if known else "a text is wanted here")
        return frozenset(one.value for one in self.each(name))

    def said(self, name: str) -> Mapping[str, str]:
        """An element's text by language."""
        self.text(name)
        return {language: said(dict(self.value), name, language) for language in LANGUAGES}


def topic_of(content: bytes, file: str, definitions: Definitions) -> Topic:
    """The topic that a file holds; TopicFault where it is none, or asks what is not carried out here."""
    name = PurePath(file).name
    try:
        resource: Resource = decode_json(content)
    except FhirError as error:
        raise TopicFault(name, "SubscriptionTopic", str(error)) from None
    top = _Place(name, "SubscriptionTopic", resource)
    if top.members(TOPIC).get("resourceType") != "SubscriptionTopic":
        raise top.at("resourceType").fault("SubscriptionTopic is wanted here")
    triggers = tuple(_trigger(one, definitions) for one in top.each("resourceTrigger"))
    if not triggers:
        raise top.at("resourceTrigger").fault("a topic has at least one")
    filters = tuple(_filter(one, definitions) for one in top.each("canFilterBy"))
    inclusions = tuple(inclusion for one in top.each("notificationShape") for inclusion in _shape(one, definitions))
    return Topic(top.text("url"), top.said("title"), top.said("description"), triggers, filters, inclusions)


def _trigger(place: _Place, definitions: Definitions) -> Trigger:
    place.members(TRIGGER)
    resource = _resource(place, definitions)
    named = place.codes("supportedInteraction", INTERACTIONS)
    interactions = frozenset(one for one in INTERACTIONS if one in named or not named)
    return Trigger(place.text("description"), resource, interactions, _criterion(place, resource, definitions))


def _criterion(place: _Place, resource: str, definitions: Definitions) -> Expression | None:
    if place.at("fhirPathCriteria").value is None:
        return None
    try:
        criterion = compile_expression(place.text("fhirPathCriteria"), definitions.schema)
        check_types(criterion, resource, variables=dict.fromkeys(VARIABLES, resource))
    except FhirPathError as error:
        raise place.at("fhirPathCriteria").fault(str(error)) from None
    return criterion


def _filter(place: _Place, definitions: Definitions) -> Filter:
    place.members(FILTER)
    resource = _resource(place, definitions)
    parameter = place.text("filterParameter")
    first, dot, then = parameter.partition(".")
    found = _parameter(place.at("filterParameter"), resource, first, definitions)
    if dot:
        _chained(place.at("filterParameter"), found, then, definitions)
    modifiers, comparators = place.codes("modifier"), place.codes("comparator", COMPARATORS)
    return Filter(resource, parameter, modifiers, comparators, place.said("description"))


def _chained(place: _Place, parameter: SearchParameter, then: str, definitions: Definitions) -> None:
    targets = parameter.targets if parameter.type == "reference" else ()
    if not any(then in definitions.search_parameters(target) for target in targets):
        raise place.fault(f"{parameter.code} leads to no resource with the search parameter {then}")


def _shape(place: _Place, definitions: Definitions) -> Iterator[Inclusion]:
    place.members(SHAPE)
    resource = _resource(place, definitions)
    for one in place.each("include"):
        yield _inclusion(one, resource, definitions)


def _inclusion(place: _Place, resource: str, definitions: Definitions) -> Inclusion:
    source, _, rest = str(place.value).partition(":")
    code, _, target = rest.partition(":")
    if source != resource or not code:
        raise place.fault(f"{resource}:parameter or {resource}:parameter:Type is wanted here")
    parameter = _parameter(place, resource, code, definitions)
    if parameter.type != "reference" or parameter.expression is None:
        raise place.fault(f"{code} is no reference")
    if target and target not in parameter.targets:
        raise place.fault(f"{code} leads to no {target}")
    return Inclusion(str(place.value), resource, compile_expression(parameter.expression, definitions.schema), target or None)


def _parameter(place: _Place, resource: str, code: str, definitions: Definitions) -> SearchParameter:
    found = definitions.search_parameters(resource).get(code)
    if found is None:
        raise place.fault(f"{resource} has no search parameter {code}")
    return found


def _resource(place: _Place, definitions: Definitions) -> str:
    """The type that `resource` names, by its name or by the URL of its definition."""
    name = place.text("resource").removeprefix(BASE)
    if name not in definitions.schema.resource_types:
        raise place.at("resource").fault(f"{name} is no type of resource of R4")
    return name
