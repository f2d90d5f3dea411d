"""A QuestionnaireResponse against its Questionnaire (https://hl7.org/fhir/R4/questionnaireresponse.html#link)."""

from fhir_server.validation.questionnaire.response import check_questionnaire_response

__all__ = ["check_questionnaire_response"]
