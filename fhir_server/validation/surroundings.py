"""What lies around an element while it is checked: its resource, the container, the Bundle, and the definitions in use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from fhir_server.definitions.definitions import Definitions
from fhir_server.fhirpath.steps import Steps
from fhir_server.model.contained import Contained
from fhir_server.model.issue import Issue, Severity
from fhir_server.model.json_format import Resource
from fhir_server.model.references import parse_canonical
from fhir_server.terminology.terminology import Terminology
from fhir_server.validation.bundle_index import BundleIndex
from fhir_server.validation.location import Location, expression


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`container` is the resource itself, or the one that it is contained in; `full_url` is that of the container's Bundle entry."""

    resource: Resource
    at: Location
    container: Resource
    definitions: Definitions
    terminology: Terminology
    inner: Contained
    """What the container contains."""
    bundle: BundleIndex | None = None
    full_url: str | None = None
    ids: Sequence[Any] = ()
    """The ids of its elements, those of resources inside it left out."""
    steps: Steps | None = None
    """What all FHIRPath evaluations for the document may take together."""

    @property
    def is_contained(self) -> bool:
        return self.container is not self.resource

    def contained(self, id_: str) -> Resource | None:
        """The contained resource with this id; the container itself for ""."""
        if not id_ or id_ == self.container.get("id"):
            return self.container
        return self.inner.find(id_)

    def canonical(self, text: str, type_name: str | None = None) -> Resource | None:
        """The definition that a canonical URL names: contained, in the Bundle or in a package in use; None where none is of that type."""
        found = self._definition(text)
        return found if found and type_name in (None, found.get("resourceType")) else None

    def _definition(self, text: str) -> Resource | None:
        canonical = parse_canonical(text)
        if not canonical.url:
            return self.contained(canonical.fragment or "")
        if self.bundle and (found := self.bundle.canonical(canonical.url, canonical.version)):
            return found
        return self.definitions.resolve(text.partition("#")[0])


class Visit(msgspec.Struct, gc=False):
    """An element that is looked at: `path` is that of its definition (`Questionnaire.item.answerValueSet`)."""

    value: Any
    at: Location
    path: str
    around: Surroundings


def error(code: str, at: Location, sentence: str, message_id: str, source: str | None = None) -> Issue:
    """A finding of severity error."""
    return finding("error", code, at, sentence, message_id, source)


def warning(code: str, at: Location, sentence: str, message_id: str, source: str | None = None) -> Issue:
    """A finding of severity warning."""
    return finding("warning", code, at, sentence, message_id, source)


def finding(severity: Severity, code: str, at: Location, sentence: str, message_id: str, source: str | None = None) -> Issue:
    """An issue at a place."""
    return Issue(severity, code, sentence, expression(at), message_id=message_id, source=source)
