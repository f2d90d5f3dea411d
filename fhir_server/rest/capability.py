"""The CapabilityStatement, out of the table of routes and the definitions (https://hl7.org/fhir/R4/capabilitystatement.html)."""

from __future__ import annotations

from typing import Any

from fhir_server.access.resource_class import SUBSCRIPTION
from fhir_server.audit.access import TRAIL_TYPE
from fhir_server.definitions.search_parameter import SearchParameter
from fhir_server.patch.patch import ACCEPTED
from fhir_server.rest.operation_definition import canonical_at
from fhir_server.rest.route import Route
from fhir_server.rest.service import Service
from fhir_server.rest.websocket import websocket_url
from fhir_server.search.compartment import COMPARTMENTS
from fhir_server.search.compartment import URL as COMPARTMENT
from fhir_server.search.criterion import SUPPORTED_TYPES
from fhir_server.search.include import revincludes
from fhir_server.security.smart_configuration import security_element
from fhir_server.subscriptions.subscription import BACKPORT, PROFILE

Element = dict[str, Any]

_ENFORCED: dict[str, list[str]] = {"off": [], "warn": [], "enforce": ["enforced"]}
FORMATS = ["application/fhir+json", "application/fhir+xml", "json", "xml"]
TRAIL_CODES = frozenset(("read", "search-type"))
"""What can be done with AuditEvents where they are the audit trail's."""

BULK_DATA = "http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data"
SUBSCRIPTIONS = "http://hl7.org/fhir/uv/subscriptions-backport/CapabilityStatement/backport-subscription-server-r4"
WEBSOCKET = "http://hl7.org/fhir/StructureDefinition/capabilitystatement-websocket"
TOPIC_CANONICAL = f"{BACKPORT}capabilitystatement-subscriptiontopic-canonical"
WITHOUT_EXPRESSION = frozenset(("_id", "_lastUpdated", "_text", "_content", "_filter"))
UNDEFINED: tuple[Element, ...] = (
    {"name": "_list", "type": "special", "documentation": "What a List points at, by its id."},
    {"name": "_has", "type": "special", "documentation": "_has:Type:reference:parameter: what others point at."},
)
"""Search parameters of every type that R4 has no SearchParameter for."""


def capability_statement(service: Service, base: str) -> Element:
    """What the server at `base` really does."""
    day = service.started.date().isoformat()
    return {
        "resourceType": "CapabilityStatement",
        "url": f"{base}/metadata",
        "version": service.settings.software_version,
        "name": "Passerelle",
        "title": "Passerelle FHIR R4 server",
        "status": "active",
        "date": day,
        "description": "FHIR R4 server for care coordination: generated from what this process supports.",
        "kind": "instance",
        "instantiates": [BULK_DATA, SUBSCRIPTIONS],
        "software": {"name": "Passerelle", "version": service.settings.software_version},
        "implementation": {"description": "Passerelle", "url": base},
        "fhirVersion": "4.0.1",
        "format": FORMATS,
        "patchFormat": list(ACCEPTED),
        "rest": [_rest(service, base)],
    }


def _rest(service: Service, base: str) -> Element:
    system = [route for route in service.routes if route.is_system_wide]
    operations = _operations(system, base)
    return {
        "extension": [{"url": WEBSOCKET, "valueUri": websocket_url(base)}],
        "mode": "server",
        "security": security_element(base.removesuffix("/fhir") if service.authentication.is_required else None),
        "resource": [_resource(name, service, base) for name in sorted(service.schema.resource_types)],
        "interaction": [{"code": code} for code in _codes(system)],
        "compartment": [f"{COMPARTMENT}{name}" for name in COMPARTMENTS.values()],
    } | ({"operation": operations} if operations else {})


def _resource(name: str, service: Service, base: str) -> Element:
    routes = [route for route in service.routes if route.serves(name)]
    codes = _codes(routes)
    if name == TRAIL_TYPE and service.settings.audit:
        codes = [code for code in codes if code in TRAIL_CODES]
    parameters = searchable_parameters(service, name)
    includes = [f"{name}:{parameter.code}" for parameter in parameters if parameter.type == "reference"]
    element: Element = {"type": name, "profile": service.schema[name].url, "interaction": [{"code": code} for code in codes]}
    element |= {
        "versioning": "versioned-update" if "vread" in codes else "versioned",
        "readHistory": "vread" in codes,
        "updateCreate": "update" in codes,
        "conditionalCreate": "create" in codes,
        "conditionalRead": "full-support",
        "conditionalUpdate": "update" in codes,
        "conditionalDelete": service.interactions.deletes if "delete" in codes else "not-supported",
        "referencePolicy": ["literal", "logical", *_ENFORCED[service.interactions.integrity.mode]],
    }
    if name == SUBSCRIPTION:
        element |= _of_subscriptions(service)
    element["searchInclude"] = ["*", *includes]
    element["searchRevInclude"] = ["*", *revincludes(name, service.definitions)]
    element["searchParam"] = [*(_search_parameter(parameter, name) for parameter in parameters), *UNDEFINED]
    if operations := _operations(routes, base):
        element["operation"] = operations
    return element


def _of_subscriptions(service: Service) -> Element:
    """http://hl7.org/fhir/uv/subscriptions-backport/STU1.1/components.html#capabilitystatement"""
    topics = [{"url": TOPIC_CANONICAL, "valueCanonical": url} for url in service.acceptance.topics]
    return {"supportedProfile": [PROFILE]} | ({"extension": topics} if topics else {})


def _codes(routes: list[Route]) -> list[str]:
    return list(dict.fromkeys(code for route in routes for code in route.interactions))


def _operations(routes: list[Route], base: str) -> list[Element]:
    found = {route.operation_name: route.operation for route in routes if route.operation}
    return [{"name": name, "definition": canonical_at(base, definition)} for name, definition in found.items()]


def searchable_parameters(service: Service, name: str) -> list[SearchParameter]:
    """The search parameters of a type that have index values."""
    found = service.definitions.search_parameters(name).values()
    return sorted((parameter for parameter in found if _is_searchable(parameter)), key=lambda parameter: parameter.code)


def _is_searchable(parameter: SearchParameter) -> bool:
    return parameter.type in SUPPORTED_TYPES and (parameter.expression is not None or parameter.code in WITHOUT_EXPRESSION)


def _search_parameter(parameter: SearchParameter, name: str) -> Element:
    element: Element = {"name": parameter.code, "definition": parameter.url, "type": parameter.type}
    documentation = documented(parameter, name)
    return element | ({"documentation": documentation} if documentation else {})


def documented(parameter: SearchParameter, name: str) -> str:
    """What the definition says about one type: of a list (`* [CarePlan](careplan.html): ...`) only that type's line."""
    for line in parameter.description.splitlines():
        if line.startswith(f"* [{name}]"):
            return line.partition(": ")[2].strip()
    return parameter.description.strip()
