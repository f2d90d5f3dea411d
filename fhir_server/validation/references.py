"""A literal reference: its form, its type, and what it means in the Bundle around it (https://hl7.org/fhir/R4/references.html#literal).

Whether a contained resource is there is told by the invariant ref-1, and which targets an element allows by `reference_target`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from fhir_server.model.issue import Issue
from fhir_server.model.phrase import phrase
from fhir_server.model.references import ParsedReference, parse_reference
from fhir_server.validation.bundle_index import Entry, target_url
from fhir_server.validation.location import Location
from fhir_server.validation.surroundings import Surroundings, Visit, error, warning

SOURCE = "https://hl7.org/fhir/R4/references.html#literal"
BUNDLE_SOURCE = "https://hl7.org/fhir/R4/bundle.html#references"
COMPLETE = ("document", "message", "transaction", "collection")
"""Bundles that are read apart from the server they come from: a urn: in one of them means an entry of it."""

_GOOD_FORM = ("absolute", "contained", "urn")


def check_reference(visit: Visit) -> Iterable[Issue]:
    """The issues of one Reference."""
    text = visit.value.get("reference") if isinstance(visit.value, dict) else None
    if not isinstance(text, str):
        return ()
    reference, found = parse_reference(text), list[Issue]()
    if reference.kind not in _GOOD_FORM:
        found += _form(reference, visit.at, visit.around)
    if "type" in visit.value:
        found += _said_type(reference, visit)
    if visit.around.bundle:
        found += _in_bundle(reference, visit.at, visit.around)
    return found


def _form(reference: ParsedReference, at: Location, around: Surroundings) -> Iterator[Issue]:
    if reference.kind == "other":
        sentence = phrase(
            "The reference '{text}' is none: write [Type]/[id], an absolute URL, or # and the id of a contained resource.",
            text=reference.text[:80],
        )
        make = error if around.bundle else warning
        yield make("invalid", at, sentence, "reference-form", SOURCE)
    elif reference.kind == "relative" and reference.type not in around.definitions.schema.resource_types:
        yield warning(
            "invalid",
            at,
            phrase("The reference is to a {type}, which is no resource type of R4.", type=reference.type),
            "reference-type-unknown",
            SOURCE,
        )
    elif reference.kind == "conditional" and around.bundle and around.bundle.type != "transaction":
        sentence = phrase("A conditional reference has a meaning in a transaction only; write the literal reference.")
        yield error("invalid", at, sentence, "reference-conditional", "https://hl7.org/fhir/R4/http.html#trules")


def _said_type(reference: ParsedReference, visit: Visit) -> Iterator[Issue]:
    said = visit.value.get("type")
    schema = visit.around.definitions.schema
    if said in schema.resource_types and reference.type in schema.resource_types and said != reference.type:
        sentence = phrase("Reference.type says {said}, the reference itself {type}; make them agree.", said=said, type=reference.type)
        yield error("structure", visit.at, sentence, "reference-type", SOURCE)


def _in_bundle(reference: ParsedReference, at: Location, around: Surroundings) -> Iterator[Issue]:
    assert around.bundle is not None
    found = around.bundle.find(reference.text, around.full_url)
    if len(found) > 1:
        sentence = phrase(
            "{found} entries of the Bundle have the fullUrl that {text} means; refer to one version of it.",
            found=len(found),
            text=reference.text,
        )
        yield error("forbidden", at, sentence, "reference-ambiguous", BUNDLE_SOURCE)
    elif found:
        yield from _target_type(reference, found[0], at)
    elif look_alikes := around.bundle.look_alikes(reference.text):
        yield _only_alike(reference, look_alikes, at, around)
    elif reference.kind == "urn" and around.bundle.type in COMPLETE:
        yield warning(
            "required",
            at,
            phrase("No entry of the Bundle has the fullUrl {text}.", text=reference.text),
            "reference-urn-absent",
            BUNDLE_SOURCE,
        )


def _target_type(reference: ParsedReference, entry: Entry, at: Location) -> Iterator[Issue]:
    type_name = entry.resource.get("resourceType")
    if reference.type and reference.type != type_name:
        sentence = phrase(
            "The reference says {type}, but the entry with this fullUrl holds a {type_name}.", type=reference.type, type_name=type_name
        )
        yield error("required", at, sentence, "reference-target-type", BUNDLE_SOURCE)


def _only_alike(reference: ParsedReference, entries: Sequence[Entry], at: Location, around: Surroundings) -> Issue:
    wanted = target_url(reference, around.full_url)
    there = ", ".join(f"entry[{entry.index}] {entry.full_url or '(none)'}" for entry in entries[:3])
    sentence = phrase(
        "The reference means the fullUrl {wanted}, which no entry has; of the same type and id there is {there}.",
        wanted=wanted,
        there=there,
    )
    return warning("required", at, sentence, "reference-full-url", BUNDLE_SOURCE)
