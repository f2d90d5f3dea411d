"""Imported once, before the forks: the server, the worker and the maps of HL7 v2."""

from __future__ import annotations

import gc
from dataclasses import replace
from typing import Any

import fhir_server.app
import fhir_server.commands.serve
import fhir_server.commands.worker  # noqa: F401
from adapters.endpoint import FhirEndpoint, OutgoingMessage
from adapters.exchange.interpreter import Interpretation
from adapters.hl7v2 import listener
from adapters.hl7v2.acknowledgement import Header
from adapters.hl7v2.adt import AdtInterpreter, load_maps
from fhir_server.cli import main
from fhir_server.endpoint import outbox_entry
from fhir_server.interactions import interactions
from fhir_server.interactions.interactions import Interactions, Resource
from fhir_server.store.change import NOTHING_ALONG, Along

__all__ = ["main", "maps_are_compiled", "tells_partner"]

_library = load_maps()
_transaction = Interactions.transaction
gc.freeze()


def maps_are_compiled() -> None:
    """The maps are those that were compiled before the fork, unless others are asked for."""

    def compiled(folder: Any = None, *, sites: Any = None, **more: Any) -> Any:
        return load_maps(folder, sites=sites, **more) if folder or sites else _library

    listener.load_maps = compiled  # type: ignore[attr-defined]


def tells_partner() -> None:
    """Each HL7 v2 message, and each transaction whose Bundle has an identifier, sends its key to the destination `partner`.

    The message goes out in the commit that applies what it tells of; its lane is the key up to the point: `lane.step`.
    """
    listener.AdtInterpreter = _Telling  # type: ignore[misc, attr-defined]
    interactions.Interactions.transaction = _telling  # type: ignore[method-assign]


def _told(key: str) -> OutgoingMessage:
    return OutgoingMessage("partner", key, key.encode(), "text/plain", key.partition(".")[0])


class _Telling(AdtInterpreter):
    async def interpret(self, raw: bytes, endpoint: FhirEndpoint) -> Interpretation:
        meaning = await super().interpret(raw, endpoint)
        return replace(meaning, sends=(_told(Header.of_bytes(raw).control_id),))


async def _telling(self: Interactions, bundle: Resource, along: Along = NOTHING_ALONG, **more: Any) -> Resource:
    key = bundle.get("identifier", {}).get("value")
    if key and not along.sends:
        along = replace(along, sends=(outbox_entry(_told(key)),))
    return await _transaction(self, bundle, along, **more)
