"""Identifiers of the kinds that are known here: form, key and parts (docs/identifiers.md), graded as the settings say."""

from __future__ import annotations

from collections.abc import Iterator

from fhir_server.identifiers.findings import identifier_issues
from fhir_server.identifiers.grades import Grades
from fhir_server.identifiers.kinds import kind_of
from fhir_server.identifiers.rpps import RPPS
from fhir_server.model.issue import Issue
from fhir_server.validation.location import expression
from fhir_server.validation.surroundings import Visit

ROLE = "PractitionerRole.identifier"
"""The directory (ans.fhir.fr.annuaire) puts the number of a situation of practice there, under the system of RPPS."""


class NationalIdentifierCheck:
    """The issues of one Identifier, by these grades."""

    def __init__(self, grades: Grades):
        self._grades = grades

    def __call__(self, visit: Visit) -> Iterator[Issue]:
        identifier = visit.value
        if not isinstance(identifier, dict) or (visit.path == ROLE and "type" not in identifier and kind_of(identifier) is RPPS):
            return
        yield from identifier_issues(identifier, self._grades, expression(visit.at))
