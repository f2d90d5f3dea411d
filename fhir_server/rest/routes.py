"""The table of what can be asked over HTTP (https://hl7.org/fhir/R4/http.html#summary). Whoever adds an interaction adds a line."""

from __future__ import annotations

from fhir_server.rest.batch import batch
from fhir_server.rest.everything import everything
from fhir_server.rest.fhirpath import fhirpath
from fhir_server.rest.history import history
from fhir_server.rest.metadata import metadata, openapi_document
from fhir_server.rest.read import read, vread
from fhir_server.rest.route import Route
from fhir_server.rest.search import post_search, search
from fhir_server.rest.validate import validate, validate_any, validate_instance
from fhir_server.rest.write import create, delete, update

VALIDATE = "http://hl7.org/fhir/OperationDefinition/Resource-validate"
EVERYTHING = "http://hl7.org/fhir/OperationDefinition/Patient-everything"


PATIENT = frozenset(["Patient"])

ROUTES = (
    Route("GET", "/metadata", metadata, "What this server can do"),
    Route("GET", "/openapi.json", openapi_document, "The same as OpenAPI"),
    Route("POST", "/", batch, "Carry out a Bundle of type transaction (all or nothing) or batch", ("transaction", "batch")),
    Route("POST", "/$validate", validate_any, "Check a resource of any type, each entry of a Bundle, or each line of NDJSON"),
    Route("POST", "/$fhirpath", fhirpath, "Evaluate a FHIRPath expression on a resource"),
    Route("GET", "/_history", history, "Versions of all resources", ("history-system",)),
    Route("GET", "/{type}", search, "Search", ("search-type",)),
    Route("POST", "/{type}/_search", post_search, "Search with the parameters in a form", ("search-type",)),
    Route("POST", "/{type}", create, "Create under a new id", ("create",)),
    Route("GET", "/{type}/_history", history, "Versions of all resources of a type", ("history-type",)),
    Route("GET", "/{type}/{id}", read, "The current version", ("read",)),
    Route("PUT", "/{type}/{id}", update, "Create or replace under this id", ("update",)),
    Route("DELETE", "/{type}/{id}", delete, "Delete; the history remains", ("delete",)),
    Route("GET", "/{type}/{id}/_history", history, "Versions of one resource", ("history-instance",)),
    Route("GET", "/{type}/{id}/_history/{vid}", vread, "One version", ("vread",)),
    Route("POST", "/{type}/$validate", validate, "Check a resource against R4 and its profiles", operation=VALIDATE),
    Route("POST", "/{type}/{id}/$validate", validate, "Check a resource meant for this id", operation=VALIDATE),
    Route("GET", "/{type}/{id}/$validate", validate_instance, "Check the stored resource", operation=VALIDATE),
    Route("GET", "/{type}/{id}/$everything", everything, "A person's whole record", operation=EVERYTHING, types=PATIENT),
)
