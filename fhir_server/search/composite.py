"""Composite parameters: several values of one element (https://hl7.org/fhir/R4/search.html#combining).

Each component is a parameter of its own, `code-value-quantity$0`, `$1`..., whose index rows carry the number of the element they
came from: a composite holds where one element has a fitting row for each component.
"""

from __future__ import annotations

import re

from fhir_server.definitions.definitions import Definitions
from fhir_server.definitions.search_parameter import SearchParameter
from fhir_server.search.path import paths_of

COMPONENT_TYPES = frozenset(("string", "token", "reference", "date", "number", "quantity", "uri"))

_CAST = re.compile(r"\bas\((?P<type>[A-Z]\w*)\)")


def components_of(parameter: SearchParameter, definitions: Definitions) -> tuple[SearchParameter, ...] | None:
    """The components in order, their expressions relative to the composite's element; None where one cannot be searched."""
    found = tuple(_component(parameter, number, definitions) for number in range(len(parameter.components)))
    known = tuple(one for one in found if one is not None)
    return known if len(known) == len(found) > 1 else None


def _component(parameter: SearchParameter, number: int, definitions: Definitions) -> SearchParameter | None:
    component = parameter.components[number]
    definition = definitions.resolve(component.definition) or {}
    expression = _CAST.sub(lambda cast: _named(cast, definitions), component.expression)
    type_ = _fitting(definition.get("type", ""), expression, parameter, definitions)
    if definition.get("resourceType") != "SearchParameter" or type_ not in COMPONENT_TYPES:
        return None
    targets = tuple(definition.get("target", ()))
    return SearchParameter(parameter.base, f"{parameter.code}${number}", type_, component.definition, expression, targets)


def _fitting(type_: str, expression: str, parameter: SearchParameter, definitions: Definitions) -> str:
    """The type that the definition says, unless the elements are of another one: R4 has the definitions of
    DocumentReference.relationship the wrong way round."""
    bases, _ = paths_of(parameter.expression or "", parameter.base, definitions.schema)
    ends = {end.type for base in bases for end in paths_of(expression, base.type, definitions.schema)[0]}
    if type_ == "reference" and ends == {"code"}:
        return "token"
    return "reference" if type_ == "token" and ends == {"Reference"} else type_


def _named(cast: re.Match[str], definitions: Definitions) -> str:
    """R4 writes `value.as(DateTime)` where it means `dateTime`."""
    name = cast["type"]
    primitive = name[0].lower() + name[1:]
    return f"as({primitive})" if name not in definitions.schema and primitive in definitions.schema else cast[0]
