"""What a response says, as resources (https://hl7.org/fhir/uv/sdc/STU4/extraction.html): a transaction of what templates, definitions and
Observations make of it. Answers to questions that are not to be asked do not count. Nothing is stored; whoever asked posts the transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from fhir_server.model.issue import Issue
from fhir_server.model.json_format import Resource
from fhir_server.questionnaires.definition_extract import definition_entries
from fhir_server.questionnaires.definition_profile import Resolve
from fhir_server.questionnaires.enabled_part import enabled_part
from fhir_server.questionnaires.environment import Environment
from fhir_server.questionnaires.extraction import Extraction
from fhir_server.questionnaires.item import SDC, extensions
from fhir_server.questionnaires.observation_extract import observation_entries
from fhir_server.questionnaires.template_extract import template_entries

STRUCTURE_MAP = SDC + "targetStructureMap"


@dataclass(frozen=True, slots=True)
class Extracted:
    """The transaction, None where there was nothing to extract, and what there is to tell."""

    bundle: Resource | None
    issues: tuple[Issue, ...]


def extracted(environment: Environment, resolve: Resolve, new_id: Callable[[], UUID] = uuid4, stored_as: str | None = None) -> Extracted:
    """What the response of this environment says; FhirError where the form's own instructions make no sense. `resolve` gives profiles;
    `stored_as` is the id of a response that is stored: what is created of it is created once."""
    response, left_out = enabled_part(environment)
    extraction = Extraction(environment.of(response), new_id, stored_as)
    entries = [*template_entries(extraction), *definition_entries(extraction, resolve), *observation_entries(extraction)]
    issues = (*_unknown_ways(environment.root.question), *left_out, *extraction.issues)
    return Extracted(_transaction(entries, environment.now) if entries else None, issues)


def _unknown_ways(form: Resource) -> Iterator[Issue]:
    """A StructureMap is no way of extraction here, and that must not pass for nothing to extract."""
    if extensions(form, STRUCTURE_MAP):
        sentence = "The form is to be extracted by a StructureMap, which is not carried out here; write a template or definitions."
        yield Issue("warning", "not-supported", sentence, "Questionnaire.extension")


def _transaction(entries: list[Any], now: datetime | None) -> Resource:
    stamp = (now or datetime.now(UTC)).isoformat(timespec="milliseconds")
    return {"resourceType": "Bundle", "type": "transaction", "timestamp": stamp, "entry": entries}
