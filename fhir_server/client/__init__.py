"""A FHIR R4 client for integrators, asynchronous, on httpx; docs/python-client.md shows it (https://hl7.org/fhir/R4/http.html).

It knows nothing of this server and talks to any other in the same way.

    async with FhirClient("http://127.0.0.1:8080/fhir") as client:
        async for plan in client.search("CarePlan", {"patient.identifier": "242077505612343"}):
            print(plan["id"], plan["status"])
"""

from fhir_server.client.bulk_export import Export, Manifest, Output
from fhir_server.client.client import FhirClient
from fhir_server.client.entries import Entries, EntryAnswer
from fhir_server.client.failure import (
    Busy,
    Conflict,
    FhirClientError,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    NotUnderstood,
    PreconditionFailed,
    Refused,
    Unreachable,
)
from fhir_server.client.page import Page, Version
from fhir_server.client.representation import Resource
from fhir_server.client.retry import Retry
from fhir_server.client.search_value import any_of, escaped, token

__all__ = [
    "Busy",
    "Conflict",
    "Entries",
    "EntryAnswer",
    "Export",
    "FhirClient",
    "FhirClientError",
    "Forbidden",
    "Gone",
    "Invalid",
    "Manifest",
    "NotFound",
    "NotUnderstood",
    "Output",
    "Page",
    "PreconditionFailed",
    "Refused",
    "Resource",
    "Retry",
    "Unreachable",
    "Version",
    "any_of",
    "escaped",
    "token",
]
