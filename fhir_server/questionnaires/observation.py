"""An Observation out of a response (https://hl7.org/fhir/uv/sdc/STU4/extraction.html#observation-based-extraction): what it takes from the
response as a whole, and how an answer becomes its value (https://hl7.org/fhir/R4/observation.html).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from fhir_server.model.json_array import objects
from fhir_server.model.json_format import Resource
from fhir_server.model.schema import Schema
from fhir_server.questionnaires.conversion import UNIT
from fhir_server.questionnaires.item import Answer, Item, answer_value, extension

_AS_IT_IS = {
    "boolean": "valueBoolean", "integer": "valueInteger", "string": "valueString", "text": "valueString", "time": "valueTime",
    "dateTime": "valueDateTime", "date": "valueDateTime", "uri": "valueString", "Quantity": "valueQuantity",
}  # fmt: skip
_PART_OF = ("MedicationAdministration", "MedicationDispense", "MedicationStatement", "Procedure", "Immunization", "ImagingStudy")
"""What an Observation may be part of; a response may be part of more."""

_INSTANT = re.compile(r".{10}T\d\d:\d\d:\d\d.*")


def observation_of(response: Resource, code: Item, categories: Iterable[Item], value: Item) -> Resource:
    """The Observation; elements that the response says nothing of are left out."""
    authored, id_ = response.get("authored"), response.get("id")
    made: Resource = {
        "resourceType": "Observation",
        "basedOn": response.get("basedOn"),
        "partOf": [one for one in objects(response.get("partOf")) if str(one.get("reference")).partition("/")[0] in _PART_OF],
        "status": "final",
        "category": list(categories),
        "code": code,
        "subject": response.get("subject"),
        "encounter": response.get("encounter"),
        "effectiveDateTime": authored,
        "issued": authored if _INSTANT.fullmatch(str(authored)) else None,
        "performer": [response["author"]] if "author" in response else None,
        **value,
        "derivedFrom": [{"reference": f"QuestionnaireResponse/{id_}"}] if id_ else None,
    }
    return {name: one for name, one in made.items() if one not in (None, [])}


def observed_value(question: Item, answer: Answer, schema: Schema) -> Item | None:
    """`value[x]` of an answer; None where an Observation has no such type (Attachment, Reference)."""
    kind, _, value = answer_value(answer, schema)
    unit = extension(question, UNIT)
    if kind == "Coding":
        return {"valueCodeableConcept": {"coding": [value]}}
    if kind == "decimal" or (kind == "integer" and isinstance(unit, dict)):
        return {"valueQuantity": measured(value, unit)}
    return {_AS_IT_IS[kind]: value} if kind in _AS_IT_IS else None


def measured(value: Any, unit: Any) -> Item:
    """A Quantity; its unit is said by a Coding, if at all."""
    if not isinstance(unit, dict):
        return {"value": value}
    said = {"unit": unit.get("display") or unit.get("code"), "system": unit.get("system"), "code": unit.get("code")}
    return {"value": value} | {name: one for name, one in said.items() if one}
