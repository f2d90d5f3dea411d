"""Demonstration data of our own: a person who comes home from hospital in a complex situation, and those who care for her.

Everybody here is invented; the INS stands in the range for tests (OID 1.2.250.1.213.1.4.10).
"""

from __future__ import annotations

from importlib.resources import files

from fhir_server.model.json_format import Resource, decode_resource

DEMO_INS = "242077505612343"
INS_SYSTEM = "urn:oid:1.2.250.1.213.1.4.10"


def demonstration() -> Resource:
    """The transaction that stores it; doing so twice changes nothing."""
    return decode_resource((files("fhir_server.demo") / "story.json").read_bytes())


def things_to_try(server: str, fhir_base: str | None = None) -> str:
    """Commands for a person who has just loaded it; `server` is such as http://127.0.0.1:8080."""
    text = (files("fhir_server.demo") / "try.txt").read_text(encoding="utf-8")
    return text.format(pages=f"{server}/", fhir=fhir_base or f"{server}/fhir", ins=DEMO_INS)
