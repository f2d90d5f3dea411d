"""Code systems and value sets that stand in the document itself, each read once for one validation however often they are asked."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TypeVar

from fhir_server.model.json_format import Resource
from fhir_server.terminology.code_system import CodeSystem
from fhir_server.terminology.terminology import Terminology
from fhir_server.terminology.value_set import ValueSet

Table = TypeVar("Table", CodeSystem, ValueSet)

_read: ContextVar[dict[int, tuple[Resource, CodeSystem | ValueSet]] | None] = ContextVar("tables of the document", default=None)
"""id of a resource -> the resource, kept so that no other gets its id, and its table."""


def forget_tables() -> None:
    """To be called where a validation begins."""
    _read.set({})


def code_system(resource: Resource) -> CodeSystem:
    """The table of a CodeSystem."""
    found = _known(resource)
    return found if isinstance(found, CodeSystem) else _kept(resource, CodeSystem(resource))


def value_set(resource: Resource, terminology: Terminology) -> ValueSet:
    """The table of a ValueSet."""
    found = _known(resource)
    return found if isinstance(found, ValueSet) else _kept(resource, ValueSet(resource, terminology))


def _known(resource: Resource) -> CodeSystem | ValueSet | None:
    return (_read.get() or {}).get(id(resource), (None, None))[1]


def _kept(resource: Resource, table: Table) -> Table:
    read = _read.get()
    if read is not None:
        read[id(resource)] = (resource, table)
    return table
