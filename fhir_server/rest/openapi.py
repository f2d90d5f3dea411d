"""The FHIR side as OpenAPI 3.1, out of the same tables as the CapabilityStatement (https://spec.openapis.org/oas/v3.1.0).

Paths with {type} hold for every resource type; searches stand for each type with its own parameters.
"""

from __future__ import annotations

import re
from typing import Any

from fhir_server.definitions.search_parameter import SearchParameter
from fhir_server.rest.capability import documented, searchable_parameters
from fhir_server.rest.exchange import FHIR, Exchange, exchange_of
from fhir_server.rest.media_type import FORM
from fhir_server.rest.route import Route
from fhir_server.rest.service import Service

Element = dict[str, Any]

_VARIABLE = re.compile(r"\{(\w+)\}")
_RESOURCE: Element = {"schema": {"$ref": "#/components/schemas/Resource"}}
_FORM: Element = {"schema": {"type": "object"}}
_SAID_NOTHING_OF: Element = {}
_RESULT_PARAMETERS = ("_count", "_sort", "_include", "_revinclude", "_summary", "_elements", "_format", "_pretty")
_REFUSED = {"$ref": "#/components/responses/refused"}
_IN_GRAPHQL: Element = {
    "description": "Errors as GraphQL has them, each with its OperationOutcome; that alone where nobody knows who asks",
    "content": {"application/json": {}, "application/fhir+json": {}},
}


def openapi(service: Service, base: str) -> Element:
    """The OpenAPI document of the FHIR base at `base`."""
    types = sorted(service.schema.resource_types)
    paths: Element = {}
    for route in service.routes:
        for address in route.addresses:
            paths.setdefault(address, {})[route.method.lower()] = _operation(route, address)
    for name in types:
        paths.setdefault(f"/{name}", {})["get"] = _search(name, service)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Passerelle: FHIR R4", "version": service.settings.software_version},
        "servers": [{"url": base}],
        "paths": paths,
        "components": _components(types),
    }


def _operation(route: Route, address: str) -> Element:
    exchange = exchange_of(route)
    tag = "system" if route.is_system_wide else "resource"
    operation: Element = {"summary": route.says, "operationId": _operation_id(route.method, address), "tags": [tag]}
    if names := _VARIABLE.findall(address):
        operation["parameters"] = [{"$ref": f"#/components/parameters/{name}"} for name in names]
    if route.method in ("POST", "PUT", "PATCH"):
        is_optional = route.template.endswith("_search")
        operation["requestBody"] = {"required": not is_optional, "content": _content(exchange.reads)}
    return operation | {"responses": _successes(exchange) | {"default": _IN_GRAPHQL if route.operation_name == "graphql" else _REFUSED}}


def _successes(exchange: Exchange) -> Element:
    return {
        status: {"description": "Done"} | ({} if status == "204" else {"content": _content(exchange.writes)})
        for status in exchange.statuses
    }


def _content(media_types: tuple[str, ...]) -> Element:
    return {one: _RESOURCE if one in FHIR else _FORM if one == FORM else _SAID_NOTHING_OF for one in media_types}


def _operation_id(method: str, address: str) -> str:
    words = [re.sub(r"\W", "", segment) for segment in address.split("/")]
    return "_".join([method.lower(), *(word for word in words if word)])


def _search(name: str, service: Service) -> Element:
    own = [_query(parameter, name) for parameter in searchable_parameters(service, name)]
    shared = [{"$ref": f"#/components/parameters/{code}"} for code in _RESULT_PARAMETERS]
    return {
        "summary": f"Search {name}",
        "operationId": f"search_{name}",
        "tags": ["search"],
        "parameters": own + shared,
        "responses": {"200": {"description": "A searchset Bundle", "content": _content(FHIR)}, "default": _REFUSED},
    }


def _query(parameter: SearchParameter, name: str) -> Element:
    description = f"{parameter.type}: {documented(parameter, name)}".rstrip()
    return {"name": parameter.code, "in": "query", "description": description, "schema": {"type": "string"}}


def _components(types: list[str]) -> Element:
    id_ = {"type": "string", "pattern": r"^[A-Za-z0-9\-.]{1,64}$"}
    one_of_types = {"type": "string", "enum": types}
    path: Element = {"type": one_of_types, "member": one_of_types, "id": id_, "vid": {"type": "string"}}
    parameters: Element = {name: {"name": name, "in": "path", "required": True, "schema": schema} for name, schema in path.items()}
    parameters |= {name: {"name": name, "in": "query", "schema": {"type": "string"}} for name in _RESULT_PARAMETERS}
    resource = {"type": "object", "required": ["resourceType"], "properties": {"resourceType": one_of_types}}
    refused = {"description": "Refused: an OperationOutcome says why and how to mend it", "content": _content(FHIR)}
    return {"parameters": parameters, "schemas": {"Resource": resource}, "responses": {"refused": refused}}
