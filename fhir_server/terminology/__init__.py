"""Code systems and value sets, offline, out of the FHIR packages in use (https://hl7.org/fhir/R4/terminology-module.html)."""

from fhir_server.terminology.answer import Answer
from fhir_server.terminology.terminology import Terminology

__all__ = ["Answer", "Terminology"]
