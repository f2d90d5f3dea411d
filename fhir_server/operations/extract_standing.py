"""What was extracted, for a caller who may not create on condition that nothing matches: what would match may be hidden from them
(docs/decisions/0020-access.md). So the conditions are asked here, as they see the record; what stands already is left out, and told.
"""

from __future__ import annotations

from typing import Any

from fhir_server.model.issue import FhirError, Issue
from fhir_server.model.json_array import objects
from fhir_server.model.json_format import Resource
from fhir_server.operations.form_source import FormSource

Entry = dict[str, Any]


def without_standing(bundle: Resource, source: FormSource) -> tuple[Resource | None, tuple[Issue, ...]]:
    """The transaction without conditions and without what is there already, None where nothing is left; references follow."""
    places: dict[str, str] = {}
    told: dict[str, Issue] = {}
    for entry in filter(_is_conditional, bundle["entry"]):
        try:
            if place := _standing(entry["request"], source):
                places[entry["fullUrl"]] = place
                told[place] = Issue("information", "informational", f"{place} was made of this answer before, so it is not made again.")
        except FhirError as error:
            told[str(error)] = Issue(
                "warning", "processing", f"Whether it was made before cannot be told, so look before you post it. {error}"
            )
    left = [_unconditional(one) for one in bundle["entry"] if one.get("fullUrl") not in places]
    return ({**bundle, "entry": _following(left, places)} if left else None), tuple(told.values())


def _is_conditional(entry: Entry) -> bool:
    return entry["request"].get("method") == "POST" and "ifNoneExist" in entry["request"]


def _standing(request: Entry, source: FormSource) -> str | None:
    """`Type/id` of what the condition of a create finds."""
    found = objects(source.search(request["url"], request["ifNoneExist"]).get("entry"))
    return next((f"{request['url']}/{one['resource']['id']}" for one in found if one["resource"]["resourceType"] == request["url"]), None)


def _unconditional(entry: Entry) -> Entry:
    return {**entry, "request": {name: value for name, value in entry["request"].items() if name != "ifNoneExist"}}


def _following(value: Any, places: dict[str, str]) -> Any:
    """The same with references to what stands already."""
    if isinstance(value, list):
        return [_following(one, places) for one in value]
    if not isinstance(value, dict):
        return value
    named = {name: _following(one, places) for name, one in value.items()}
    return named | {"reference": places[value["reference"]]} if value.get("reference") in places else named
