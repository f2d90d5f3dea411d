"""The FHIR side as OpenAPI 3.1, out of the same tables as the CapabilityStatement (https://spec.openapis.org/oas/v3.1.0).

Paths with {type} hold for every resource type; searches stand for each type with its own parameters.
"""

from __future__ import annotations

import re
from typing import Any

from fhir_server.definitions.search_parameter import SearchParameter
from fhir_server.rest.capability import documented, searchable_parameters
from fhir_server.rest.route import Route
from fhir_server.rest.service import Service

Element = dict[str, Any]

_VARIABLE = re.compile(r"\{(\w+)\}")
_MEDIA_TYPES = ("application/fhir+json", "application/fhir+xml")
_FHIR_CONTENT: Element = {media: {"schema": {"$ref": "#/components/schemas/Resource"}} for media in _MEDIA_TYPES}
_FORM_CONTENT: Element = {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}}
_RESULT_PARAMETERS = ("_count", "_sort", "_include", "_revinclude", "_summary", "_elements", "_format", "_pretty")
_REFUSED = {"$ref": "#/components/responses/refused"}
_SUCCESS = {"create": "201", "delete": "204"}


def openapi(service: Service, base: str) -> Element:
    """The OpenAPI document of the FHIR base at `base`."""
    types = sorted(service.schema.resource_types)
    paths: Element = {}
    for route in service.routes:
        paths.setdefault(route.template, {})[route.method.lower()] = _operation(route)
    for name in types:
        paths[f"/{name}"] = {"get": _search(name, service)}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Passerelle: FHIR R4", "version": service.settings.software_version},
        "servers": [{"url": base}],
        "paths": paths,
        "components": _components(types),
    }


def _operation(route: Route) -> Element:
    success = next((_SUCCESS[code] for code in route.interactions if code in _SUCCESS), "200")
    tag = "system" if route.is_system_wide else "resource"
    operation: Element = {"summary": route.says, "operationId": _operation_id(route), "tags": [tag]}
    if names := _VARIABLE.findall(route.template):
        operation["parameters"] = [{"$ref": f"#/components/parameters/{name}"} for name in names]
    if route.method in ("POST", "PUT"):
        is_form = route.template.endswith("_search")
        operation["requestBody"] = {"required": not is_form, "content": _FORM_CONTENT if is_form else _FHIR_CONTENT}
    done: Element = {"description": "Done"} | ({} if success == "204" else {"content": _FHIR_CONTENT})
    return operation | {"responses": {success: done, "default": _REFUSED}}


def _operation_id(route: Route) -> str:
    words = [re.sub(r"\W", "", segment) for segment in route.segments]
    return "_".join([route.method.lower(), *(word for word in words if word)])


def _search(name: str, service: Service) -> Element:
    own = [_query(parameter, name) for parameter in searchable_parameters(service, name)]
    shared = [{"$ref": f"#/components/parameters/{code}"} for code in _RESULT_PARAMETERS]
    return {
        "summary": f"Search {name}",
        "operationId": f"search_{name}",
        "tags": ["search"],
        "parameters": own + shared,
        "responses": {"200": {"description": "A searchset Bundle", "content": _FHIR_CONTENT}, "default": _REFUSED},
    }


def _query(parameter: SearchParameter, name: str) -> Element:
    description = f"{parameter.type}: {documented(parameter, name)}".rstrip()
    return {"name": parameter.code, "in": "query", "description": description, "schema": {"type": "string"}}


def _components(types: list[str]) -> Element:
    id_ = {"type": "string", "pattern": r"^[A-Za-z0-9\-.]{1,64}$"}
    path: Element = {"type": {"type": "string", "enum": types}, "id": id_, "vid": {"type": "string"}}
    parameters: Element = {name: {"name": name, "in": "path", "required": True, "schema": schema} for name, schema in path.items()}
    parameters |= {name: {"name": name, "in": "query", "schema": {"type": "string"}} for name in _RESULT_PARAMETERS}
    resource = {"type": "object", "required": ["resourceType"], "properties": {"resourceType": {"type": "string"}}}
    refused = {"description": "Refused: an OperationOutcome says why and how to mend it", "content": _FHIR_CONTENT}
    return {"parameters": parameters, "schemas": {"Resource": resource}, "responses": {"refused": refused}}
