"""The table of what can be asked over HTTP (https://hl7.org/fhir/R4/http.html#summary). Whoever adds an interaction adds a line."""

from __future__ import annotations

from fhir_server.rest.audit import (
    ACCESS_HISTORY,
    access_history,
    post_search_audit_events,
    read_audit_event,
    search_audit_events,
)
from fhir_server.rest.batch import batch
from fhir_server.rest.binary import create_binary, read_binary, update_binary, vread_binary
from fhir_server.rest.binding_token import WS_BINDING, get_ws_binding_token
from fhir_server.rest.break_glass import BREAK_GLASS, break_glass
from fhir_server.rest.deferred import or_later
from fhir_server.rest.document import DOCUMENT, document
from fhir_server.rest.everything import ENCOUNTER_EVERYTHING, PATIENT_EVERYTHING, everything
from fhir_server.rest.export import GROUP_EXPORT, PATIENT_EXPORT, SYSTEM_EXPORT, export
from fhir_server.rest.fhirpath import fhirpath
from fhir_server.rest.graphql import GRAPHQL, graphql
from fhir_server.rest.history import history
from fhir_server.rest.import_ import import_
from fhir_server.rest.job_status import cancel_job, job_file, job_status
from fhir_server.rest.lastn import LASTN, lastn
from fhir_server.rest.messages import list_messages, pause_destination, read_message, replay_messages, resume_destination
from fhir_server.rest.meta import meta, meta_add, meta_delete, meta_of_version
from fhir_server.rest.metadata import metadata, openapi_document, smart_configuration
from fhir_server.rest.operation_definition import FHIRPATH, IMPORT, VALIDATE_MANY, read_operation_definition
from fhir_server.rest.questionnaires import (
    ASSEMBLE,
    EXPLAIN_SCORE,
    EXTRACT,
    PACKAGE,
    POPULATE,
    assemble,
    explain_score,
    extract,
    populate,
    questionnaire_package,
)
from fhir_server.rest.read import read, vread
from fhir_server.rest.route import Handler, Route
from fhir_server.rest.search import post_search, search
from fhir_server.rest.subscriptions import EVENTS, subscription_events, subscription_status
from fhir_server.rest.subscriptions import STATUS as SUBSCRIPTION_STATUS
from fhir_server.rest.terminology import (
    EXPAND,
    LOOKUP,
    SUBSUMES,
    TRANSLATE,
    VALIDATE_CODE,
    VALIDATE_CODE_IN_SYSTEM,
    expand,
    lookup,
    subsumes,
    translate,
    validate_code,
    validate_code_in_system,
)
from fhir_server.rest.validate import validate, validate_any, validate_instance
from fhir_server.rest.write import create, delete, delete_match, patch, patch_match, update, update_match
from fhir_server.search.compartment import COMPARTMENTS

META, META_ADD, META_DELETE = (f"http://hl7.org/fhir/OperationDefinition/Resource-meta{name}" for name in ("", "-add", "-delete"))
VALIDATE = "http://hl7.org/fhir/OperationDefinition/Resource-validate"

PATIENT, ENCOUNTER, COMPOSITION, OBSERVATION = (frozenset([one]) for one in ("Patient", "Encounter", "Composition", "Observation"))
QUESTIONNAIRE, RESPONSE = (frozenset([one]) for one in ("Questionnaire", "QuestionnaireResponse"))
GROUP, BINARY, AUDIT_EVENT = frozenset(["Group"]), frozenset(["Binary"]), frozenset(["AuditEvent"])
SUBSCRIPTION = frozenset(["Subscription"])
VALUE_SET, CODE_SYSTEM, CONCEPT_MAP = (frozenset([one]) for one in ("ValueSet", "CodeSystem", "ConceptMap"))


def asked(template: str, handler: Handler, says: str, operation: str, types: frozenset[str] | None = None) -> tuple[Route, ...]:
    """An operation that changes nothing: by GET and by POST."""
    return tuple(Route(method, template, handler, says, operation=operation, types=types) for method in ("GET", "POST"))


def compartment_searches() -> tuple[Route, ...]:
    """What belongs to a patient, encounter, practitioner, related person or device: of one type, or all."""
    types = frozenset(COMPARTMENTS)
    one, every = "Search one type of what belongs to a resource", "Search all that belongs to a resource"
    return (
        Route("GET", "/{type}/{id}/{member}", search, one, types=types),
        Route("GET", "/{type}/{id}/*", search, every, types=types),
        Route("POST", "/{type}/{id}/{member}/_search", post_search, one, types=types),
        Route("POST", "/{type}/{id}/*/_search", post_search, every, types=types),
    )


BULK = (
    *asked("/$export", export, "All resources as files of NDJSON", SYSTEM_EXPORT),
    *asked("/{type}/$export", export, "All that belongs to patients as files of NDJSON", PATIENT_EXPORT, PATIENT),
    *asked("/{type}/{id}/$export", export, "All that belongs to a group's patients as files of NDJSON", GROUP_EXPORT, GROUP),
    Route("GET", "/{type}/$export", export, "Refused: which group?", types=GROUP),
    Route("POST", "/$import", import_, "Store lines of NDJSON, sent or fetched", operation=IMPORT, affects_state=True),
)

ASYNCHRONOUS = (
    Route("GET", "/_jobs/{id}", job_status, "How far an asynchronous request is, or what came of it"),
    Route("GET", "/_jobs/{id}/{member}", job_file, "A file of what came of an asynchronous request"),
    Route("DELETE", "/_jobs/{id}", cancel_job, "Cancel an asynchronous request, or remove what came of it"),
)

MESSAGES = (
    Route("GET", "/_exchange", list_messages, "Messages in and out, and where they stand"),
    Route("GET", "/_exchange/{id}", read_message, "Where a message is"),
    Route("POST", "/_exchange/_replay", replay_messages, "Have messages sent or processed again"),
    Route("POST", "/_exchange/_pause", pause_destination, "Deliver nothing to a destination for now"),
    Route("POST", "/_exchange/_resume", resume_destination, "Go on delivering to a destination"),
)

BINARIES = (
    Route("GET", "/{type}/{id}", read_binary, "The content in its own type, or the resource", ("read",), types=BINARY),
    Route("GET", "/{type}/{id}/_history/{vid}", vread_binary, "One version of the content", ("vread",), types=BINARY),
    Route("POST", "/{type}", create_binary, "Create from a body of any type", ("create",), types=BINARY),
    Route("PUT", "/{type}/{id}", update_binary, "Create or replace by a body of any type", ("update",), types=BINARY),
)

TRAIL = (
    Route("GET", "/{type}/{id}", read_audit_event, "An entry of the audit trail", ("read",), types=AUDIT_EVENT),
    Route("GET", "/{type}", search_audit_events, "Search the audit trail", ("search-type",), types=AUDIT_EVENT),
    Route("POST", "/{type}/_search", post_search_audit_events, "Search the audit trail", ("search-type",), types=AUDIT_EVENT),
)
"""Before all others where the audit trail is on."""

OPERATIONS = (
    *asked("/{type}/{id}/$access-history", access_history, "Who saw or changed what of this person", ACCESS_HISTORY, PATIENT),
    Route(
        "POST",
        "/{type}/{id}/$break-glass",
        break_glass,
        "See a person's record in an emergency, and be told of",
        operation=BREAK_GLASS,
        types=PATIENT,
        affects_state=True,
    ),
    *asked("/$graphql", graphql, "A graph of resources, by GraphQL", GRAPHQL),
    *asked("/{type}/$graphql", graphql, "The same; a query may ask of every type", GRAPHQL),
    *asked("/{type}/{id}/$graphql", graphql, "A graph that begins with this resource, by GraphQL", GRAPHQL),
    *asked("/{type}/{id}/$everything", everything, "A person's whole record", PATIENT_EVERYTHING, PATIENT),
    *asked("/{type}/$everything", everything, "The whole records of all persons", PATIENT_EVERYTHING, PATIENT),
    *asked("/{type}/{id}/$everything", everything, "All about an encounter", ENCOUNTER_EVERYTHING, ENCOUNTER),
    Route("GET", "/{type}/{id}/$document", document, "The document that this composition heads", operation=DOCUMENT, types=COMPOSITION),
    Route(
        "POST",
        "/{type}/{id}/$document",
        document,
        "The document that this composition heads",
        operation=DOCUMENT,
        types=COMPOSITION,
        affects_state=True,
    ),
    Route("GET", "/{type}/$document", document, "The document that a composition heads", operation=DOCUMENT, types=COMPOSITION),
    Route(
        "POST",
        "/{type}/$document",
        document,
        "The document that a composition heads",
        operation=DOCUMENT,
        types=COMPOSITION,
        affects_state=True,
    ),
    *asked("/{type}/$lastn", lastn, "The latest observations of each kind", LASTN, OBSERVATION),
    *asked("/{type}/$expand", expand, "The codes of a value set", EXPAND, VALUE_SET),
    *asked("/{type}/{id}/$expand", expand, "The codes of this value set", EXPAND, VALUE_SET),
    *asked("/{type}/$validate-code", validate_code, "Is a code in a value set?", VALIDATE_CODE, VALUE_SET),
    *asked("/{type}/{id}/$validate-code", validate_code, "Is a code in this value set?", VALIDATE_CODE, VALUE_SET),
    *asked("/{type}/$validate-code", validate_code_in_system, "Is a code in a code system?", VALIDATE_CODE_IN_SYSTEM, CODE_SYSTEM),
    *asked("/{type}/{id}/$validate-code", validate_code_in_system, "Is a code in this code system?", VALIDATE_CODE_IN_SYSTEM, CODE_SYSTEM),
    *asked("/{type}/$lookup", lookup, "What a code means", LOOKUP, CODE_SYSTEM),
    *asked("/{type}/$subsumes", subsumes, "Does one code include another?", SUBSUMES, CODE_SYSTEM),
    *asked("/{type}/{id}/$subsumes", subsumes, "Does one code of this system include another?", SUBSUMES, CODE_SYSTEM),
    *asked("/{type}/$translate", translate, "A code in another code system", TRANSLATE, CONCEPT_MAP),
    *asked("/{type}/{id}/$translate", translate, "A code in another code system, by this map", TRANSLATE, CONCEPT_MAP),
)

FORMS = (
    *asked("/{type}/$populate", populate, "A response to a form, filled in as far as is known", POPULATE, QUESTIONNAIRE),
    *asked("/{type}/{id}/$populate", populate, "A response to this form, filled in as far as is known", POPULATE, QUESTIONNAIRE),
    Route(
        "POST", "/{type}/$explain-score", explain_score, "How the score of a response came about", operation=EXPLAIN_SCORE,
        types=RESPONSE,
    ),
    *asked("/{type}/{id}/$explain-score", explain_score, "How the score of this response came about", EXPLAIN_SCORE, RESPONSE),
    Route(
        "POST", "/{type}/$extract", extract, "What a response to a form says, as a transaction", operation=EXTRACT, types=RESPONSE,
    ),
    *asked("/{type}/{id}/$extract", extract, "What this response to a form says, as a transaction", EXTRACT, RESPONSE),
    *asked("/{type}/$assemble", assemble, "A form put together from its modules", ASSEMBLE, QUESTIONNAIRE),
    *asked("/{type}/{id}/$assemble", assemble, "This form put together from its modules", ASSEMBLE, QUESTIONNAIRE),
    *asked("/{type}/$questionnaire-package", questionnaire_package, "A form with all it needs", PACKAGE, QUESTIONNAIRE),
    *asked("/{type}/{id}/$questionnaire-package", questionnaire_package, "This form with all it needs", PACKAGE, QUESTIONNAIRE),
)  # fmt: skip

SUBSCRIPTIONS = (
    *asked("/{type}/$status", subscription_status, "How Subscriptions stand", SUBSCRIPTION_STATUS, SUBSCRIPTION),
    *asked("/{type}/{id}/$status", subscription_status, "How this Subscription stands", SUBSCRIPTION_STATUS, SUBSCRIPTION),
    *asked("/{type}/{id}/$events", subscription_events, "Events of this Subscription, told once more", EVENTS, SUBSCRIPTION),
)

SOCKETS = (
    *asked("/{type}/$get-ws-binding-token", get_ws_binding_token, "A token to listen on a socket", WS_BINDING, SUBSCRIPTION),
    *asked("/{type}/{id}/$get-ws-binding-token", get_ws_binding_token, "A token to listen to this one", WS_BINDING, SUBSCRIPTION),
)
"""Never answered later: a token is good for a minute."""

DEFINED = "The current version, or the definition of an operation of this server's own"
_TABLE = (
    *BINARIES,
    Route("GET", "/{type}/{id}", read_operation_definition, DEFINED, ("read",), types=frozenset(["OperationDefinition"])),
    Route("GET", "/metadata", metadata, "What this server can do"),
    Route("GET", "/openapi.json", openapi_document, "The same as OpenAPI"),
    Route("GET", "/.well-known/smart-configuration", smart_configuration, "Where access tokens are got, as SMART says it"),
    Route("POST", "/", batch, "Carry out a Bundle of type transaction (all or nothing) or batch", ("transaction", "batch")),
    Route(
        "POST",
        "/$validate",
        validate_any,
        "Check a resource of any type, each entry of a Bundle, or each line of NDJSON",
        operation=VALIDATE_MANY,
    ),
    Route("POST", "/$fhirpath", fhirpath, "Evaluate a FHIRPath expression on a resource", operation=FHIRPATH),
    Route("GET", "/_history", history, "Versions of all resources", ("history-system",)),
    Route("GET", "/{type}", search, "Search", ("search-type",)),
    Route("POST", "/{type}/_search", post_search, "Search with the parameters in a form", ("search-type",)),
    Route("GET", "/", search, "Search all types", ("search-system",)),
    Route("POST", "/_search", post_search, "Search all types with the parameters in a form", ("search-system",)),
    *compartment_searches(),
    Route("POST", "/{type}", create, "Create under a new id", ("create",)),
    Route("GET", "/{type}/_history", history, "Versions of all resources of a type", ("history-type",)),
    Route("GET", "/{type}/{id}", read, "The current version", ("read",)),
    Route("PUT", "/{type}/{id}", update, "Create or replace under this id", ("update",)),
    Route("PUT", "/{type}", update_match, "Replace what the search finds, or create", ("update",)),
    Route("PATCH", "/{type}/{id}", patch, "Change by JSON Patch, FHIRPath Patch or XML Patch", ("patch",)),
    Route("PATCH", "/{type}", patch_match, "Change what the search finds", ("patch",)),
    Route("DELETE", "/{type}", delete_match, "Delete what the search finds", ("delete",)),
    Route("DELETE", "/{type}/{id}", delete, "Delete; the history remains", ("delete",)),
    Route("GET", "/{type}/{id}/_history", history, "Versions of one resource", ("history-instance",)),
    Route("GET", "/{type}/{id}/_history/{vid}", vread, "One version", ("vread",)),
    Route("POST", "/{type}/$validate", validate, "Check a resource against R4 and its profiles", operation=VALIDATE),
    Route("POST", "/{type}/{id}/$validate", validate, "Check a resource meant for this id", operation=VALIDATE),
    Route("GET", "/{type}/{id}/$validate", validate_instance, "Check the stored resource", operation=VALIDATE),
    Route("GET", "/$meta", meta, "The profiles, tags and security labels in use", operation=META),
    Route("GET", "/{type}/$meta", meta, "The profiles, tags and security labels in use on a type", operation=META),
    Route("GET", "/{type}/{id}/$meta", meta, "The profiles, tags and security labels of a resource", operation=META),
    Route("GET", "/{type}/{id}/_history/{vid}/$meta", meta_of_version, "The same of one version", operation=META),
    Route("POST", "/{type}/{id}/$meta-add", meta_add, "Add profiles, tags and security labels", operation=META_ADD, affects_state=True),
    Route("POST", "/{type}/{id}/$meta-delete", meta_delete, "Take them away", operation=META_DELETE, affects_state=True),
    *OPERATIONS,
    *FORMS,
    *SUBSCRIPTIONS,
)

ROUTES = (*(or_later(route) for route in _TABLE), *BULK, *ASYNCHRONOUS, *MESSAGES, *SOCKETS)
"""The same, where what may take long is answered later if that is preferred; bulk data always are."""

AUDITED_ROUTES = (*TRAIL, *ROUTES)
"""Those of a server whose type AuditEvent is its audit trail."""
