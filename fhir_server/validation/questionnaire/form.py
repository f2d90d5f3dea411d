"""A Questionnaire and a QuestionnaireResponse as they are checked against each other
(https://hl7.org/fhir/R4/questionnaireresponse.html#link).
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from fhir_server.model.json_array import objects
from fhir_server.model.json_format import Resource
from fhir_server.questionnaires.environment import Environment
from fhir_server.questionnaires.item import Answer, Item, answer_value, below
from fhir_server.questionnaires.offered_codes import OfferedCodes
from fhir_server.questionnaires.pairing import paired
from fhir_server.validation.surroundings import Surroundings


class Form:
    """A response that is checked, and the questionnaire that it answers; FhirError where the two make too many items."""

    def __init__(self, questionnaire: Resource, around: Surroundings):
        self.questionnaire, self.around, self.response = questionnaire, around, around.resource
        self.in_progress = self.response.get("status") == "in-progress"
        self.root = paired(questionnaire, self.response)
        self.codes = OfferedCodes(questionnaire, around.terminology)
        schema, weight = around.definitions.schema, self.codes.concept_weight
        self.environment = Environment(self.root, schema, steps=around.steps, concept_weight=weight)

    @cached_property
    def questions(self) -> dict[str, Item]:
        """The items of the questionnaire at any depth."""
        return {str(item.get("linkId")): item for item in below(self.questionnaire)}

    def contained(self, id_: str) -> Resource | None:
        """The resource that the questionnaire, or its own container, contains under this id."""
        own = next((one for one in objects(self.questionnaire.get("contained")) if one.get("id") == id_), None)
        return own or self.around.contained(id_)

    def value(self, answer: Answer) -> tuple[str | None, str, Any]:
        """(FHIR type, JSON name, value) of an answer; the type is None where it has no value."""
        return answer_value(answer, self.around.definitions.schema)
