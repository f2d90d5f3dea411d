"""What a route takes and gives: media types of the body and of the answer, and the statuses of success, for the OpenAPI document.

FHIR's two formats, but for what FHIR or HTTP says otherwise (https://hl7.org/fhir/R4/http.html#mime-type).
"""

from __future__ import annotations

from typing import NamedTuple

from fhir_server.patch.patch import ACCEPTED
from fhir_server.rest.media_type import FORM
from fhir_server.rest.route import Route
from fhir_server.rest.validate import NDJSON

FHIR = ("application/fhir+json", "application/fhir+xml")
_JSON = ("application/json",)
_ANY = ("*/*",)
_GRAPHQL = ("application/json", "application/graphql", "application/fhir+json")


class Exchange(NamedTuple):
    """`statuses` of success, the usual one first."""

    reads: tuple[str, ...]
    writes: tuple[str, ...]
    statuses: tuple[str, ...]


_OF_INTERACTIONS = {
    "create": Exchange(FHIR, FHIR, ("201", "200")),
    "update": Exchange(FHIR, FHIR, ("200", "201")),
    "patch": Exchange(ACCEPTED, FHIR, ("200",)),
    "delete": Exchange((), FHIR, ("204", "200")),
}
_OF_TEMPLATES = {
    "/openapi.json": Exchange((), _JSON, ("200",)),
    "/$validate": Exchange((*FHIR, *NDJSON), (*FHIR, NDJSON[0]), ("200",)),
    "/$import": Exchange((*FHIR, *NDJSON), FHIR, ("202",)),
    **{f"/_exchange{end}": Exchange((), _JSON, ("200",)) for end in ("", "/{id}", "/_replay", "/_pause", "/_resume")},
    "/_jobs/{id}": Exchange((), (*_JSON, *FHIR), ("200", "202")),
    "/_jobs/{id}/{member}": Exchange((), _ANY, ("200",)),
}
_OF_OPERATIONS = {"graphql": Exchange(_GRAPHQL, _JSON, ("200",)), "export": Exchange(FHIR, FHIR, ("202",))}
_OTHERWISE = Exchange(FHIR, FHIR, ("200",))
_CANCELLED = Exchange((), FHIR, ("202",))


def exchange_of(route: Route) -> Exchange:
    """The exchange of a route of the table."""
    if route.template.endswith("_search"):
        return Exchange((FORM,), FHIR, ("200",))
    if route.method == "DELETE" and not route.interactions:
        return _CANCELLED
    found = _OF_TEMPLATES.get(route.template) or _OF_OPERATIONS.get(route.operation_name) or _of_interaction(route)
    return found._replace(reads=_ANY, writes=_ANY) if route.types == frozenset(("Binary",)) else found


def _of_interaction(route: Route) -> Exchange:
    return next((_OF_INTERACTIONS[code] for code in route.interactions if code in _OF_INTERACTIONS), _OTHERWISE)
