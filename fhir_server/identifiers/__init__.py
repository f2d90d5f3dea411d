"""National identifiers of persons, professionals and structures: parsed, checked, explained."""

from fhir_server.identifiers.findings import identifier_issues, require_sound, resource_issues
from fhir_server.identifiers.grades import CREATED, RECEIVED, Grades
from fhir_server.identifiers.kinds import KINDS, fitting, kind_of
from fhir_server.identifiers.same_professional import same_professional

__all__ = [
    "CREATED",
    "KINDS",
    "RECEIVED",
    "Grades",
    "fitting",
    "identifier_issues",
    "kind_of",
    "require_sound",
    "resource_issues",
    "same_professional",
]
