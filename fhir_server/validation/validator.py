"""A resource against R4 and its profiles: structure, cardinality, codes, invariants (https://hl7.org/fhir/R4/validation.html)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from fhir_server.definitions.definitions import Definitions
from fhir_server.fhirpath import Context
from fhir_server.model.issue import Issue, Severity
from fhir_server.model.json_format import Resource
from fhir_server.terminology.terminology import Terminology
from fhir_server.validation.location import Location, expression
from fhir_server.validation.profile import BASE, Profile, Profiles, Unusable
from fhir_server.validation.rule import Member, Rule, Subject
from fhir_server.validation.structure import StructureCheck

UNWALKABLE = frozenset(("json-type", "resource-type", "json-depth", "too-many-findings"))
"""Structural findings after which the rest could only be guessed at."""


class Validator:
    """Validates against the packages of `definitions`; safe to share between threads."""

    def __init__(self, definitions: Definitions, terminology: Terminology | None = None):
        self.structure = StructureCheck(definitions.schema)
        self.terminology = terminology or Terminology(definitions)
        self.profiles = Profiles(definitions, self.terminology)

    def validate(self, resource: Resource, profile: str | None = None) -> list[Issue]:
        """All issues, errors and warnings. `profile` is a canonical URL asked for beside those of meta.profile."""
        found = self.structure.check(resource)
        if any(issue.message_id in UNWALKABLE for issue in found):
            return [*found, _rest_unchecked()]
        root: Location = (None, resource["resourceType"], None)
        asked = [profile] if profile else []
        walked = self._resource(resource, root, resource, asked)
        return [*found, *_once(walked)]

    def _resource(self, resource: Resource, at: Location, root: Resource, asked: list[str]) -> Iterator[Issue]:
        context = Context(resource=resource, root_resource=root, stub_references=True)
        type_name = resource["resourceType"]
        yield from self._rule(self.profiles.of_type(type_name), Subject(resource, type_name, at, context))
        yield from _extended_id(resource, at)
        for canonical in dict.fromkeys((*asked, *_claimed(resource))):
            yield from self._profile(canonical, Subject(resource, type_name, at, context), canonical in asked)

    def _profile(self, canonical: str, subject: Subject, asked: bool) -> Iterator[Issue]:
        place = expression(subject.at)
        try:
            profile = self.profiles.profile(canonical)
        except Unusable as error:
            severity: Severity = "error" if asked else "warning"  # nobody may read "valid" for what could not be checked
            yield Issue(severity, "not-found", str(error), place, message_id="profile-unknown", source=canonical)
            return
        if profile.type not in (subject.type, "Resource", "DomainResource"):
            sentence = f"The profile {canonical} is about {profile.type}, not about {subject.type}; remove it or change the resource."
            yield Issue("error", "invalid", sentence, place, message_id="profile-type", source=canonical)
            return
        if profile.url != BASE + subject.type:
            yield from self._rule(profile.rule, subject)
            yield from _unchecked_slices(profile, place)

    def _rule(self, rule: Rule, subject: Subject) -> Iterator[Issue]:
        for assertion in rule.assertions:
            yield from assertion.check(subject)
        if type(subject.value) is dict:
            members = rule.members
            for key, value in subject.value.items():
                member = members.get(key)
                if member is not None:
                    yield from self._member(member, value, subject)

    def _member(self, member: Member, value: Any, parent: Subject) -> Iterator[Issue]:
        if type(value) is not list:
            yield from self._value(member, value, (parent.at, member.step, None), parent, _sibling(parent.value, member, None))
            return
        for index, one in enumerate(value):
            yield from self._value(member, one, (parent.at, member.step, index), parent, _sibling(parent.value, member, index))

    def _value(self, member: Member, value: Any, at: Location, parent: Subject, sibling: Any) -> Iterator[Issue]:
        if value is None and sibling is None:
            return
        if member.is_resource:
            yield from self._nested(member, value, at, parent)
            return
        subject = Subject(value, member.type, at, parent.context, sibling)
        for rule in member.rules:
            yield from self._rule(rule, subject)

    def _nested(self, member: Member, value: Resource, at: Location, parent: Subject) -> Iterator[Issue]:
        contained = member.step == "contained"
        root = (parent.context.root_resource or value) if contained else value
        yield from self._resource(value, at, root, [])


def _sibling(node: dict[str, Any], member: Member, index: int | None) -> Any:
    if member.sibling_of is not None or member.type[0].isupper():
        return None
    found = node.get("_" + member.step.partition(".")[0])
    if index is None:
        return found
    return found[index] if isinstance(found, list) and index < len(found) else None


def _once(issues: Iterable[Issue]) -> Iterable[Issue]:
    """Without what a profile says again; the first one, that of the base type, stays."""
    kept: dict[tuple[str, str | None, str], Issue] = {}
    for issue in issues:
        kept.setdefault((issue.severity, issue.expression, issue.diagnostics), issue)
    return kept.values()


def _claimed(resource: Resource) -> Iterable[str]:
    claimed = resource.get("meta", {}).get("profile", ())
    return [one for one in claimed if isinstance(one, str)]


def _unchecked_slices(profile: Profile, place: str) -> Iterator[Issue]:
    if profile.has_slices:
        sentence = f"The slices of the profile {profile.url} were not checked: slicing is not supported yet."
        yield Issue("information", "not-supported", sentence, place, message_id="slicing-unchecked", source=profile.url)


def _extended_id(resource: Resource, at: Location) -> Iterator[Issue]:
    """The id of a resource is a plain string: https://hl7.org/fhir/R4/resource.html#id"""
    if "extension" in resource.get("_id", ()):
        place = expression((at, "id", None))
        yield Issue("error", "business-rule", "The id of a resource has no extensions; remove them.", place, message_id="id-extension")


def _rest_unchecked() -> Issue:
    sentence = "Cardinality, codes and invariants are checked once the structure is mended."
    return Issue("information", "incomplete", sentence, message_id="rest-unchecked")
