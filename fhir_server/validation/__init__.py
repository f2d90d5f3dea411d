"""A resource against R4 and its profiles (https://hl7.org/fhir/R4/validation.html)."""

from fhir_server.validation.structure import StructureCheck
from fhir_server.validation.validator import Validator

__all__ = ["StructureCheck", "Validator"]
