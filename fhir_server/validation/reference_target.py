"""What a definition allows a Reference to mean: types, profiles, where the target is (aggregation) and whether with a version
(https://hl7.org/fhir/R4/elementdefinition.html#ElementDefinition.type.targetProfile).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

from fhir_server.fhirpath.context import Context
from fhir_server.model.contained import Contained
from fhir_server.model.issue import Issue
from fhir_server.model.json_format import Resource
from fhir_server.model.phrase import alternatives, phrase
from fhir_server.model.references import ParsedReference, parse_reference
from fhir_server.validation.assertions import issue
from fhir_server.validation.at_a_glance import Condition, Glance
from fhir_server.validation.location import Location
from fhir_server.validation.rule import Rule, Subject, conforms

Rules = Callable[[], tuple[Rule, ...]]

_judged: ContextVar[dict[tuple[int, str], bool] | None] = ContextVar("judged targets", default=None)
"""(id of a target, profile) -> does it conform? For one validation: many references to one resource are judged once, and one that is being
judged counts as conforming, so that a circle of references ends."""


def forget_targets() -> None:
    """To be called where a validation begins: what was judged before may be another resource at the same address."""
    _judged.set({})


@dataclass(frozen=True, slots=True)
class ReferenceTarget:
    """`types` are the resource types allowed (none: not known, or all); `profiles` those by type that the target must meet one of,
    where it is at hand; `aggregation` the places it may be in, `versioning` independent or specific."""

    types: tuple[str, ...]
    profiles: Mapping[str, tuple[tuple[str, Rules], ...]]
    aggregation: tuple[str, ...]
    versioning: str
    source: str

    def check(self, subject: Subject) -> Iterable[Issue]:
        if subject.type != "Reference" or not isinstance(subject.value, dict):
            return ()
        text = subject.value.get("reference")
        reference = parse_reference(text) if isinstance(text, str) else None
        target = _target(reference, subject.context) if reference else None
        named = target.get("resourceType") if target else reference.type if reference else None
        if named in self.types and named not in self.profiles and not self.aggregation and self.versioning == "either":
            return ()
        return self._issues(reference, target, subject)

    def plainly_met(self, glance: Glance) -> Condition:
        """True of a reference to a resource of a type that is allowed without more."""
        if glance.kind != "Reference" or self.aggregation or self.versioning != "either":
            return None
        enough = frozenset(self.types) - frozenset(self.profiles)

        def is_met(value: dict[str, Any], context: Context) -> bool:
            text = value.get("reference")
            reference = parse_reference(text) if type(text) is str else None
            target = _target(reference, context) if reference else None
            return reference is not None and (target.get("resourceType") if target else reference.type) in enough

        return f"{glance.name(is_met, 'is_met')}(v, c)"

    def _issues(self, reference: ParsedReference | None, target: Resource | None, subject: Subject) -> Iterator[Issue]:
        yield from self._type(reference, target, subject)
        if reference is not None:
            yield from self._place(reference, target, subject)
            yield from self._version(reference, subject)
        if target is not None:
            yield from self._profile(str(subject.value["reference"]), target, subject)

    def describe(self) -> str:
        return f"refers to {', '.join(self.types) or 'any resource'}"

    def _type(self, reference: ParsedReference | None, target: Resource | None, subject: Subject) -> Iterator[Issue]:
        named = target.get("resourceType") if target else reference.type if reference else subject.value.get("type")
        if self.types and isinstance(named, str) and named not in self.types:
            sentence = phrase("The reference is to a {named}; allowed here: {types}.", named=named, types=", ".join(self.types))
            yield issue(subject, "structure", sentence, "reference-target", self.source)

    def _place(self, reference: ParsedReference, target: Resource | None, subject: Subject) -> Iterator[Issue]:
        if not self.aggregation or reference.kind == "other":
            return
        place = "contained" if reference.kind == "contained" else "bundled" if target else "referenced"
        if place not in self.aggregation:
            sentence = phrase(
                "The target is {place}; the definition wants it {aggregation}.", place=place, aggregation=alternatives(self.aggregation)
            )
            yield issue(subject, "structure", sentence, "reference-aggregation", self.source)

    def _version(self, reference: ParsedReference, subject: Subject) -> Iterator[Issue]:
        if reference.kind in ("relative", "absolute") and (
            (self.versioning == "specific" and reference.version is None) or (self.versioning == "independent" and reference.version)
        ):
            sentence = (
                phrase("References here are {versioning} of a version.", versioning=self.versioning)
                if self.versioning == "independent"
                else phrase("Name the version (/_history/...).")
            )
            yield issue(subject, "structure", sentence, "reference-versioning", self.source)

    def _profile(self, text: str, target: Resource, subject: Subject) -> Iterator[Issue]:
        asked = self.profiles.get(str(target.get("resourceType")), ())
        if asked and not any(_meets(target, canonical, rules, subject) for canonical, rules in asked):
            names = ", ".join(canonical for canonical, _ in asked)
            sentence = phrase(
                "{text} does not meet the profile {names}." if len(asked) == 1 else "{text} meets none of the profiles {names}.",
                text=text,
                names=names,
            )
            yield issue(subject, "structure", sentence, "reference-profile", self.source)


def _target(reference: ParsedReference, context: Context) -> Resource | None:
    """The resource meant, where it is contained or in the Bundle."""
    if reference.kind == "contained":
        root = context.root_resource or {}
        if not reference.fragment or reference.fragment == root.get("id"):
            return root or None
        return context.contained_in_root().find(reference.fragment)
    return context.resolve(reference.text) if context.resolve else None


def _meets(target: Resource, canonical: str, rules: Rules, subject: Subject) -> bool:
    judged = _judged.get()
    judged = {} if judged is None else judged
    key = (id(target), canonical)
    if key not in judged:
        judged[key] = True
        at: Location = (None, str(target["resourceType"]), None)
        judged[key] = conforms(rules(), Subject(target, target["resourceType"], at, _context_of(target, subject.context)))
    return judged[key]


def _context_of(target: Resource, context: Context) -> Context:
    """That of a target, which is contained in the root, or stands alone: then it is its own root."""
    id_ = target.get("id")
    if isinstance(id_, str) and context.contained_in_root().find(id_) is target:
        return replace(context, resource=target)
    return replace(context, resource=target, root_resource=target, contained=Contained(target))


def reference_target(
    kinds: Iterable[Mapping[str, Any]], type_of: Callable[[str], str | None], rules: Callable[[str], Rules], source: str
) -> ReferenceTarget | None:
    """The assertion for an element's types: None where they allow any reference. `type_of` and `rules` are those of a canonical URL."""
    found = [one for one in kinds if one.get("code") == "Reference"]
    targets = [str(target) for one in found for target in one.get("targetProfile", ())]
    types = [type_of(target) for target in targets]
    open_ended = None in types or not types or "Resource" in types
    known = () if open_ended else tuple(dict.fromkeys(str(one) for one in types))
    aggregation = tuple(dict.fromkeys(str(mode) for one in found for mode in one.get("aggregation", ())))
    versioning = next((str(one["versioning"]) for one in found if "versioning" in one), "either")
    profiles = {} if None in types else _profiles(targets, types, rules)
    if not (known or profiles or aggregation or versioning != "either"):
        return None
    return ReferenceTarget(known, profiles, aggregation, versioning, source)


def _profiles(targets: list[str], types: list[str | None], rules: Callable[[str], Rules]) -> dict[str, tuple[tuple[str, Rules], ...]]:
    """The profiles by type; a type whose base definition is allowed asks for none."""
    found: dict[str, list[tuple[str, Rules]]] = {}
    bare = {kind for kind, target in zip(types, targets, strict=True) if target.rpartition("/")[2].partition("|")[0] == kind}
    for kind, target in zip(types, targets, strict=True):
        if kind is not None and kind not in bare and "Resource" not in bare:
            found.setdefault(kind, []).append((target, rules(target)))
    return {kind: tuple(ones) for kind, ones in found.items()}
