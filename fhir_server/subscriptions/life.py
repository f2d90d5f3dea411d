"""The statuses that the server gives a Subscription (https://hl7.org/fhir/R4/valueset-subscription-status.html)."""

from __future__ import annotations

from fhir_server.interactions import Interactions
from fhir_server.model.issue import Category, FhirError
from fhir_server.model.json_format import Resource, decode_json
from fhir_server.store.stored import Stored
from fhir_server.subscriptions.subscription import TYPE

MOST_CHARACTERS = 500
_OVERTAKEN = (Category.PRECONDITION, Category.CONFLICT, Category.GONE, Category.NOT_FOUND)


def stands_in_error(standing: Stored, error: str) -> bool:
    """True where this is what it says."""
    said: Resource = decode_json(standing.content or b"{}")
    return said.get("error") == error[:MOST_CHARACTERS]


async def becomes(interactions: Interactions, standing: Stored, status: str, error: str = "") -> None:
    """Give this version the status, with the error or none; where it was changed meanwhile, whoever changed it is right."""
    if standing.content is None:
        return
    resource: Resource = decode_json(standing.content)
    if (resource.get("status"), resource.get("error", "")) == (status, error[:MOST_CHARACTERS]):
        return
    changed = {name: value for name, value in resource.items() if name != "error"} | {"status": status}
    if error:
        changed["error"] = error[:MOST_CHARACTERS]
    try:
        await interactions.update(TYPE, standing.id, changed, f'W/"{standing.version}"')
    except FhirError as refused:
        if refused.category not in _OVERTAKEN:
            raise
