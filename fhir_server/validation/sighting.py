"""What the walk over a structure comes by that `content` wants to look at: resources, and elements of the types that it watches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from fhir_server.model.json_format import Resource
from fhir_server.validation.location import Location

Plain = Callable[[Any], bool]
"""True of a primitive value that no check has anything to say about; whatever it is False of is checked."""

Watched = Mapping[str, Plain | None]
"""The FHIR types whose elements are wanted, and which values of them are not; None: all are."""


class Held(msgspec.Struct, gc=False):
    """A resource where it stands: in another one (`outer`), or in the entry of a Bundle with this fullUrl. `ids` are those of its
    elements; `around` is for the visitor."""

    resource: Resource
    at: Location
    outer: Any = None  # Held | None
    full_url: str | None = None
    ids: list[Any] = []
    around: Any = None


class Sighting(msgspec.Struct, gc=False):
    """An element, its place, the path of its definition (`Questionnaire.item.answerValueSet`) and its FHIR type, and the resource that it
    belongs to; with the type "" the resource itself, where it begins. They come in the order of the document."""

    held: Held
    value: Any
    at: Location
    path: str = ""
    type: str = ""
