"""Resources as a caller holds them, plain dicts or `fhir.resources` models, and as they travel (https://hl7.org/fhir/R4/json.html).

Decimals of dicts keep their digits: 1.50 comes in as Decimal("1.50") and leaves as 1.50 (https://hl7.org/fhir/R4/datatypes.html#decimal).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, TypeAlias, TypeVar, cast

import msgspec
from pydantic import BaseModel

from fhir_server.client.failure import NotUnderstood

Resource: TypeAlias = dict[str, Any]
"""A resource as its JSON: `resource["resourceType"]`, `resource["id"]`..."""

M = TypeVar("M", bound=BaseModel)
"""A model class of fhir.resources.R4B."""

R = TypeVar("R", bound=Resource | BaseModel)
"""What the caller holds, and gets back."""

_decoder = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")


def type_name(kind: str | type[BaseModel]) -> str:
    """`Patient` of "Patient" or of the model class."""
    return kind if isinstance(kind, str) else str(cast(Any, kind).get_resource_type())


def as_resource(held: Resource | BaseModel) -> Resource:
    """The JSON of what the caller holds."""
    return held if isinstance(held, dict) else decoded(encoded(held))


def encoded(held: Any) -> bytes:
    """JSON in UTF-8 of a dict, a list (a JSON Patch) or a model."""
    return held.model_dump_json(exclude_none=True).encode() if isinstance(held, BaseModel) else _encoder.encode(held)


def decoded(content: bytes) -> Resource:
    """A resource's JSON; NotUnderstood where it is none."""
    try:
        resource: Resource = _decoder.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotUnderstood(f"The answer is not a JSON object ({error}). Does the base URL name a FHIR server?") from error
    return resource


def as_held(resource: Resource, kind: str | type[BaseModel]) -> Any:
    """The dict itself for a type's name, an instance for a model class; pydantic.ValidationError where the model does not take it."""
    return resource if isinstance(kind, str) else kind.model_validate_json(encoded(resource))
