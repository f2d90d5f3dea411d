"""The operations of our own that R4 has no definition of, defined (https://hl7.org/fhir/R4/operationdefinition.html): the links of the
CapabilityStatement lead here. One that is stored under the same id comes first.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from fhir_server.model.issue import Category, FhirError
from fhir_server.model.json_format import Resource, encode_json
from fhir_server.rest.read import read
from fhir_server.rest.representation import represented
from fhir_server.rest.request import FhirRequest
from fhir_server.rest.response import Response

PLACE = "OperationDefinition/"
IMPORT, VALIDATE_MANY, FHIRPATH = (f"{PLACE}passerelle-{name}" for name in ("import", "validate", "fhirpath"))


def canonical_at(base: str, operation: str) -> str:
    """The URL of a definition: as it is, or of our own ones, which are named by type and id, below this server's base."""
    return f"{base}/{operation}" if operation.startswith(PLACE) else operation


async def read_operation_definition(request: FhirRequest) -> Response:
    """As any read; what is not stored may be a definition of ours."""
    try:
        return await read(request)
    except FhirError as error:
        own = _own().get(request.id)
        if own is None or error.category is not Category.NOT_FOUND:
            raise
        return await represented(request, 200, encode_json(own | {"url": canonical_at(request.base, PLACE + request.id)}), [])


@cache
def _own() -> Mapping[str, Resource]:
    found: list[Resource] = json.loads(files(__package__).joinpath("operation_definitions.json").read_text("utf-8"))
    return {one["id"]: one for one in found}
