"""FHIRPath (http://hl7.org/fhirpath/N1, https://hl7.org/fhir/R4/fhirpath.html): source -> syntax tree -> closures over plain dicts."""

from fhir_server.fhirpath.checking import check_types
from fhir_server.fhirpath.context import Context
from fhir_server.fhirpath.errors import FhirPathError
from fhir_server.fhirpath.expression import Expression, compile_expression
from fhir_server.fhirpath.node import Node

__all__ = ["Context", "Expression", "FhirPathError", "Node", "check_types", "compile_expression"]
