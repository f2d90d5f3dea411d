"""What makes extraction safe to repeat: a resource that it creates has an identifier made of the response, the question and the answer that
it comes from, and is created where none has that identifier yet (https://hl7.org/fhir/R4/http.html#ccreate).

The same answers make the same resources once; an answer that was changed makes a new one, and what was made before stays as it stands:
somebody may have worked on it. Where the form itself says the condition, or which id, it is left to the form.
"""

from __future__ import annotations

import re
from collections import Counter
from hashlib import sha256
from typing import Any

from fhir_server.model.json_format import Resource, encode_json
from fhir_server.model.schema import Schema
from fhir_server.questionnaires.item import Item

SYSTEM = "https://passerelle.care/fhir/identifier/extracted"
_PASSING = re.compile(rb'urn:uuid:[0-9a-f-]{36}|"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[^"]*"')
"""Ids that were made and moments: they differ whenever the same is extracted."""
_NOT_FOUND_BY_IT = frozenset(("BiologicallyDerivedProduct", "CatalogEntry", "ObservationDefinition"))
"""Types that have identifiers, and no search parameter for them in R4."""
_LENGTH = 16
"""Hexadecimal digits; within one response that is many."""


class ExtractIdentity:
    """The identifiers of what one response makes; `response` is the id that it is stored under."""

    def __init__(self, response: str, schema: Schema):
        self._response, self._schema = response, schema
        self._made: Counter[str] = Counter()

    def once(self, entry: Item, place: str, said: Any) -> Item:
        """The entry, to be carried out once. `place` is the question, `said` what of its answers the resource comes from; None where that
        is not known: what the resource says counts then."""
        resource, request = entry.get("resource"), entry["request"]
        if not resource or request.get("method") != "POST" or "ifNoneExist" in request or not self._has_identifiers(resource):
            return entry
        written = _PASSING.sub(b"", encode_json(resource)).decode() if said is None else said
        value = self._value(resource["resourceType"], place, written)
        named = resource | {"identifier": [*resource.get("identifier", ()), {"system": SYSTEM, "value": value}]}
        return entry | {"resource": named, "request": request | {"ifNoneExist": f"identifier={SYSTEM}|{value}"}}

    def _has_identifiers(self, resource: Resource) -> bool:
        type_name = resource["resourceType"]
        element = self._schema[type_name].elements.get("identifier")
        return element is not None and element.max is None and type_name not in _NOT_FOUND_BY_IT

    def _value(self, type_name: str, place: str, said: Any) -> str:
        """What comes from the same answer several times is counted."""
        key = sha256(encode_json([type_name, place, said])).hexdigest()[:_LENGTH]
        self._made[key] += 1
        return f"{self._response}.{key}.{self._made[key]}"
