"""Demonstration data of our own: a person who comes home from hospital in a complex situation, those who care for her, the forms.

Everybody here is invented; the INS stands in the range for tests (OID 1.2.250.1.213.1.4.10), telephone numbers in that which
ARCEP keeps for fiction (01 99 00). Each resource claims its profile of the guide (`profiles/`), and the forms are the guide's own.
"""

from __future__ import annotations

from importlib.resources import files

from fhir_server.definitions.definitions import guide_folder
from fhir_server.model.json_format import Resource, decode_resource

DEMO_INS = "242077505612343"
INS_SYSTEM = "urn:oid:1.2.250.1.213.1.4.10"


def demonstration() -> Resource:
    """The transaction that stores it; doing so twice changes nothing."""
    bundle = decode_resource((files("fhir_server.demo") / "story.json").read_bytes())
    return {**bundle, "entry": [*_forms(), *bundle["entry"]]}


def _forms() -> list[Resource]:
    """The guide's forms, stored so that GP software finds them: a search sees what is stored, not the packages in use."""
    forms = (decode_resource(path.read_bytes()) for path in sorted(guide_folder().glob("Questionnaire-*.json")))
    return [{"resource": form, "request": {"method": "PUT", "url": f"Questionnaire/{form['id']}"}} for form in forms]


def things_to_try(server: str, fhir_base: str | None = None) -> str:
    """Commands for a person who has just loaded it; `server` is such as http://127.0.0.1:8080."""
    text = (files("fhir_server.demo") / "try.txt").read_text(encoding="utf-8")
    return text.format(pages=f"{server}/", fhir=fhir_base or f"{server}/fhir", ins=DEMO_INS)
