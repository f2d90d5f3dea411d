"""A resource against R4 and its profiles: structure, cardinality, codes, invariants (https://hl7.org/fhir/R4/validation.html)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from fhir_server.definitions.definitions import Definitions
from fhir_server.fhirpath import context
from fhir_server.fhirpath.steps import Steps
from fhir_server.identifiers.grades import RECEIVED, Grades
from fhir_server.model.issue import Issue, Severity
from fhir_server.model.json_format import Resource
from fhir_server.model.phrase import phrase
from fhir_server.terminology.terminology import Terminology
from fhir_server.validation.bundle_resolver import BundleResolver, inner_context, outer_context
from fhir_server.validation.content_checks import content_check
from fhir_server.validation.extension import forget_hints
from fhir_server.validation.location import Location, expression
from fhir_server.validation.profile import Profiles, Unusable
from fhir_server.validation.profile_compiler import BASE
from fhir_server.validation.profile_faults import faults, told_once
from fhir_server.validation.reference_target import forget_targets
from fhir_server.validation.repeats import without_repeats
from fhir_server.validation.rule import Subject, findings
from fhir_server.validation.structure import StructureCheck
from fhir_server.validation.tables import forget_tables
from fhir_server.validation.vital_signs import required_profile, vital_sign

UNWALKABLE = frozenset(("json-type", "resource-type", "json-depth", "too-many-findings"))
"""Structural findings after which the rest could only be guessed at."""

MAX_STEPS = 10 * context.MAX_STEPS
"""Of all FHIRPath evaluations for one document together. R4's own rules take some step for ten bytes in the densest documents seen,
so that only a profile whose rules walk the whole document again and again gets here."""


class Validator:
    """Validates against the packages of `definitions`; safe to share between threads."""

    def __init__(
        self,
        definitions: Definitions,
        terminology: Terminology | None = None,
        *,
        best_practice: bool = True,
        identifiers: Grades = RECEIVED,
    ):
        self.terminology = terminology or Terminology(definitions)
        self.profiles = Profiles(definitions, self.terminology, best_practice=best_practice)
        self.profiles.nested = self._nested
        self._content = content_check(definitions, self.terminology, identifiers)
        self.structure = StructureCheck(definitions.schema, self._content.watched)

    def validate(self, resource: Resource, profile: str | None = None) -> list[Issue]:
        """All issues, errors and warnings. `profile` is a canonical URL asked for beside those of meta.profile."""
        found, seen = self.structure.survey(resource)
        if any(issue.message_id in UNWALKABLE for issue in found):
            return [*found, _rest_unchecked()]
        root: Location = (None, resource["resourceType"], None)
        forget_targets()
        forget_hints()
        forget_tables()
        steps = Steps(MAX_STEPS)
        around = outer_context(resource, steps)
        subject = Subject(resource, resource["resourceType"], root, around)
        walked = self._resource(subject, [profile] if profile else ())
        index = around.resolve.index if isinstance(around.resolve, BundleResolver) else None
        return [*found, *without_repeats([*told_once(walked), *self._content.of_seen(seen, index, steps)])]

    def _resource(self, subject: Subject, asked: Sequence[str]) -> Iterator[Issue]:
        resource = subject.value
        yield from findings((self.profiles.of_type(subject.type),), subject)
        yield from _extended_id(resource, subject.at)
        waiting, done = [*asked, *_claimed(resource)], set[str]()
        if found := vital_sign(resource):
            if found[0] not in waiting:
                yield required_profile(*found, expression(subject.at))
            waiting.append(found[0])
        for canonical in waiting:  # grows by what profiles impose
            if canonical not in done:
                done.add(canonical)
                waiting += self.profiles.imposed(canonical)
                yield from self._profile(canonical, subject, canonical in asked)

    def _profile(self, canonical: str, subject: Subject, asked: bool) -> Iterator[Issue]:
        place = expression(subject.at)
        try:
            profile = self.profiles.profile(canonical)
        except Unusable as error:
            severity: Severity = "error" if asked else "warning"  # nobody may read "valid" for what could not be checked
            yield Issue(severity, "not-found", error.args[0], place, message_id="profile-unknown", source=canonical)
            return
        if profile.type not in (subject.type, "Resource", "DomainResource"):
            sentence = phrase(
                "The profile {canonical} is about {type}, not about {type2}; remove it or change the resource.",
                canonical=canonical,
                type=profile.type,
                type2=subject.type,
            )
            yield Issue("error", "invalid", sentence, place, message_id="profile-type", source=canonical)
            return
        yield from faults(profile, place)
        if profile.url != BASE + subject.type:
            yield from findings((profile.rule,), subject)

    def _nested(self, resource: Resource, at: Location, parent: Subject) -> Iterator[Issue]:
        around = inner_context(parent.context, parent.value, resource, at[1])
        yield from self._resource(Subject(resource, resource["resourceType"], at, around, None, parent), ())


def _claimed(resource: Resource) -> Iterable[str]:
    claimed = resource.get("meta", {}).get("profile", ())
    return [one for one in claimed if isinstance(one, str)]


def _extended_id(resource: Resource, at: Location) -> Iterator[Issue]:
    """The id of a resource is a plain string: https://hl7.org/fhir/R4/resource.html#id"""
    if "extension" in resource.get("_id", ()):
        place = expression((at, "id", None))
        yield Issue(
            "error", "business-rule", phrase("The id of a resource has no extensions; remove them."), place, message_id="id-extension"
        )


def _rest_unchecked() -> Issue:
    sentence = phrase("Cardinality, codes and invariants are checked once the structure is mended.")
    return Issue("information", "incomplete", sentence, message_id="rest-unchecked")
