"""Forms that think: the Structured Data Capture engine (https://hl7.org/fhir/uv/sdc/STU4/)."""

from fhir_server.questionnaires.environment import Environment
from fhir_server.questionnaires.expression_source import Source
from fhir_server.questionnaires.pairing import Pair, paired

__all__ = ["Environment", "Pair", "Source", "paired"]
