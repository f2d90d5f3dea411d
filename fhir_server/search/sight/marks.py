"""The marks of a resource: whom it belongs to and from whom it is hidden. Access is decided by them, in SQL and on a resource in hand.

A person's id stands for R4's Patient compartment (https://hl7.org/fhir/R4/compartmentdefinition-patient.html), exactly; `~id` for what is
about a person though R4's compartment has it not (Task.for, Device.patient, Binary.securityContext). `!patient`, `!professional` and
`!representative` hide; `@tenant` is the organisation that it is kept for; `=client` is whose Subscription it is. None of these signs can
begin an id.

The definitions are those of R4 itself: no SearchParameter that somebody stored can change who sees what.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from fhir_server.definitions.definitions import Definitions
from fhir_server.definitions.search_parameter import SearchParameter
from fhir_server.model.json_format import Resource
from fhir_server.search.compartment import core_members
from fhir_server.search.path import Path, Step, Where, paths_of
from fhir_server.search.types.reference import reference_reader

PATIENT = "Patient"
ABOUT, HIDDEN, TENANT, OWNER = "~", "!", "@", "="
NO_PERSON = (HIDDEN, TENANT, OWNER)
"""Signs of marks that lead to nobody."""
TENANT_SYSTEM = "https://passerelle.care/tenant"
"""System of the tag that says which tenant a resource is kept for; set by the server at each write."""

OWNER_SYSTEM = "https://passerelle.care/owner"
"""System of the tag that says which client a Subscription is of; set by the server at each write. On other types it means nothing."""

LABELS: Mapping[str, str] = {
    "INVISIBLE_PATIENT": "!patient",
    "MASQUE_PS": "!professional",
    "INVISIBLE_REPRESENTANTS_LEGAUX": "!representative",
    "INVISIBLE_REP_LEGAUX": "!representative",
    "V": "!professional",
}
"""Codes of TRE_A07-StatutVisibiliteDocument and MetaDMPMSS, and v3-Confidentiality "very restricted", whatever system they are given with:
a label that is misspelt hides rather than shows."""

_LABELLED: Mapping[str, str] = {"DocumentReference": "securityLabel", "DocumentManifest": "securityLabel", "Composition": "confidentiality"}
"""Elements that carry such codes besides meta.security."""

Walk = Callable[[Any], Iterator[Any]]


class Marks:
    """Makes the marks of resources; `base` is this server's own URL, which references may begin with."""

    def __init__(self, definitions: Definitions, base: str | None = None):
        self._definitions = definitions
        self._target = reference_reader(base.rstrip("/") if base else None)
        self._compartment = core_members(PATIENT, definitions)
        self._walks: dict[str, tuple[tuple[str, Walk], ...]] = {}

    def of(self, resource: Resource, id_: str) -> list[str]:
        """Those of a resource that stands under this id, each once."""
        type_name = resource["resourceType"]
        found = dict.fromkeys(_labels(resource, type_name))
        if type_name == PATIENT:
            found[id_] = None
        for sign, walk in self._walks.get(type_name) or self._compiled(type_name):
            for element in walk(resource):
                if person := self._person(element):
                    found[sign + person] = None
        found.pop("", None)
        return list(found)

    def _person(self, element: Any) -> str:
        """The id of the patient that a reference leads to; "" for another."""
        text = element.get("reference") if type(element) is dict else None
        if type(text) is not str:
            return ""
        id_, type_name, _ = self._target(text)[0]
        return id_ if type_name == PATIENT else ""

    def _compiled(self, type_name: str) -> tuple[tuple[str, Walk], ...]:
        walks = self._walks[type_name] = tuple(self._compile(type_name))
        return walks

    def _compile(self, type_name: str) -> Iterator[tuple[str, Walk]]:
        members = self._compartment.get(type_name)
        parameters = self._definitions.core_search_parameters(type_name)
        codes = members if members is not None else [code for code in (PATIENT.lower(), "subject") if _about(parameters.get(code))]
        for path in (path for code in codes if code in parameters for path in self._paths(parameters[code], type_name)):
            yield ("" if members is not None else ABOUT), _walk(path.steps)
        if type_name == "Binary":
            yield ABOUT, _walk(("securityContext",))

    def _paths(self, parameter: SearchParameter, type_name: str) -> list[Path]:
        """The paths of a parameter of the compartment; a test holds that none of R4's has another form."""
        paths, others = paths_of(parameter.expression or "", type_name, self._definitions.schema)
        assert not others, f"{parameter.url} is no plain path"
        return [path for path in paths if path.type == "Reference"]


def _about(parameter: SearchParameter | None) -> bool:
    return parameter is not None and parameter.type == "reference" and PATIENT in parameter.targets


def _labels(resource: Resource, type_name: str) -> Iterator[str]:
    meta = resource.get("meta") or {}
    for coding in (*meta.get("security", ()), *_codings(resource.get(_LABELLED.get(type_name, "")))):
        yield LABELS.get(_code(coding), "")
    for tag in meta.get("tag", ()):
        if type(tag) is dict and tag.get("system") == TENANT_SYSTEM:
            yield TENANT + _code(tag)
        if type_name == "Subscription" and type(tag) is dict and tag.get("system") == OWNER_SYSTEM:
            yield OWNER + _code(tag)


def _code(coding: Any) -> str:
    return str(coding.get("code", "")) if type(coding) is dict else ""


def _codings(element: Any) -> Iterator[Any]:
    """The codings of one or several CodeableConcepts; a code alone (Composition.confidentiality) stands for itself."""
    for one in element if type(element) is list else (element,):
        if type(one) is str:
            yield {"code": one}
        elif type(one) is dict:
            yield from one.get("coding", ())


@lru_cache(maxsize=1024)
def _walk(steps: tuple[Step, ...]) -> Walk:
    """The elements at the end of the steps, from a resource."""

    def walk(element: Any) -> Iterator[Any]:
        found = [element]
        for step in steps:
            found = [below for one in found for below in _below(one, step)]
        return iter(found)

    return walk


def _below(element: Any, step: Step) -> list[Any]:
    if type(element) is not dict:
        return []
    if isinstance(step, Where):
        return [element] if element.get(step.name) == step.literal else []
    value = element.get(step)
    return value if type(value) is list else [] if value is None else [value]
