"""A resource that comes with the question, checked before it is worked with."""

from __future__ import annotations

from functools import lru_cache

from fhir_server.definitions.definitions import Definitions
from fhir_server.model.issue import Category, FhirError
from fhir_server.model.json_format import Resource
from fhir_server.model.schema import Schema
from fhir_server.operations.arguments import Arguments
from fhir_server.validation.structure import StructureCheck


def sent(arguments: Arguments, name: str, type_name: str, definitions: Definitions) -> Resource | None:
    """The resource of this parameter, None where it is not there; INVALID with what is wrong where no reader could understand it."""
    resource = arguments.resource(name, type_name)
    if resource is None:
        return None
    if errors := [issue for issue in _structure(definitions.schema).check(resource) if issue.is_error]:
        raise FhirError(Category.INVALID, errors)
    return resource


@lru_cache(maxsize=4)
def _structure(schema: Schema) -> StructureCheck:
    return StructureCheck(schema)
