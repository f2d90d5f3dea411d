"""All kinds of identifiers that are known here, and which one an Identifier is of (https://hl7.org/fhir/R4/datatypes.html#Identifier)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fhir_server.identifiers.adeli import ADELI, ADELI_RANG
from fhir_server.identifiers.finess import FINESS, FINESS_EG, FINESS_EJ
from fhir_server.identifiers.idnat_ps import IDNAT_PS
from fhir_server.identifiers.idnat_struct import IDNAT_STRUCT
from fhir_server.identifiers.ins import INS_NIA, INS_NIR, INS_NIR_DEMO, INS_NIR_TEST
from fhir_server.identifiers.ins_c import INS_C
from fhir_server.identifiers.kind import Kind
from fhir_server.identifiers.rpps import RPPS
from fhir_server.identifiers.sirene import SIREN, SIRET

_ALL = (
    INS_NIR,
    INS_NIA,
    INS_NIR_TEST,
    INS_NIR_DEMO,
    INS_C,
    RPPS,
    ADELI,
    ADELI_RANG,
    FINESS,
    FINESS_EJ,
    FINESS_EG,
    SIREN,
    SIRET,
    IDNAT_PS,
    IDNAT_STRUCT,
)
KINDS: Mapping[str, Kind] = {kind.code: kind for kind in _ALL}
"""By the code that settings and commands use."""

_BY_SYSTEM = {system: tuple(kind for kind in _ALL if system in kind.systems) for kind in _ALL for system in kind.systems}
_WITHOUT_SYSTEM = {code: kind for kind in _ALL if not kind.systems for code in kind.types}


def kind_of(identifier: Mapping[str, Any]) -> Kind | None:
    """The kind that its system names; where several share it, the one of its type, else of its form. None for what is not known here."""
    sharing = _BY_SYSTEM.get(str(identifier.get("system")))
    if sharing and len(sharing) == 1:
        return sharing[0]
    types = set(_type_codes(identifier))
    if not sharing:
        return next((_WITHOUT_SYSTEM[code] for code in sorted(types) if code in _WITHOUT_SYSTEM), None)
    typed = (kind for kind in sharing if not types.isdisjoint(kind.types))
    return next(typed, None) or _of_form(sharing, str(identifier.get("value", "")))


def fitting(value: str) -> list[Kind]:
    """The kinds that a value without system may be of, whatever its key."""
    return [kind for kind in _ALL if kind.looks_like(value)]


def _of_form(sharing: tuple[Kind, ...], value: str) -> Kind:
    return next((kind for kind in sharing if kind.fits(value)), sharing[0])


def _type_codes(identifier: Mapping[str, Any]) -> Iterator[str]:
    type_ = identifier.get("type")
    codings = type_.get("coding") if isinstance(type_, dict) else None
    for coding in codings if isinstance(codings, list) else ():
        if isinstance(coding, dict) and isinstance(coding.get("code"), str):
            yield coding["code"]
