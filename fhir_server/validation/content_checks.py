"""Which checks of `content` run for which element types and resource types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fhir_server.definitions.definitions import Definitions
from fhir_server.identifiers.grades import RECEIVED, Grades
from fhir_server.terminology.terminology import Terminology
from fhir_server.validation.attachment import check_attachment
from fhir_server.validation.bundle import check_bundle
from fhir_server.validation.bundle_link import check_bundle_links
from fhir_server.validation.canonical import check_canonical
from fhir_server.validation.contained import check_contained
from fhir_server.validation.content import ContentCheck, ElementCheck, Glance, ResourceCheck
from fhir_server.validation.definitional.capability_statement import check_capability_statement
from fhir_server.validation.definitional.code_system import check_code_system
from fhir_server.validation.definitional.concept_map import check_concept_map
from fhir_server.validation.definitional.measure import check_measure
from fhir_server.validation.definitional.operation_definition import check_operation_definition
from fhir_server.validation.definitional.questionnaire import check_questionnaire
from fhir_server.validation.definitional.search_parameter import check_search_parameter
from fhir_server.validation.definitional.snapshot_problems import check_structure
from fhir_server.validation.definitional.value_set import check_value_set
from fhir_server.validation.document_bundle import check_document
from fhir_server.validation.element_id import check_element_ids
from fhir_server.validation.identifier import check_identifier
from fhir_server.validation.measure_report import check_measure_report
from fhir_server.validation.narrative import check_narrative
from fhir_server.validation.narrative_link import check_narrative_link
from fhir_server.validation.national_identifier import NationalIdentifierCheck
from fhir_server.validation.plausible import check_markdown, check_string, check_year, is_plain_markdown, is_plain_text, is_plain_year
from fhir_server.validation.questionnaire import check_questionnaire_response
from fhir_server.validation.references import check_reference
from fhir_server.validation.searchset import check_searchset
from fhir_server.validation.uri import check_canonical_form, check_uri, is_plain_uri

ELEMENTS: Mapping[str, Sequence[ElementCheck]] = {
    "Reference": (check_reference,),
    "Extension": (check_narrative_link,),
    "Attachment": (check_attachment,),
    "Narrative": (check_narrative,),
    "canonical": (check_canonical, check_uri, check_canonical_form),
    "uri": (check_uri,),
    "url": (check_uri,),
    "markdown": (check_markdown,),
    "string": (check_string,),
    "date": (check_year,),
    "dateTime": (check_year,),
    "instant": (check_year,),
}

GLANCES: Mapping[str, Glance] = {
    "uri": is_plain_uri,
    "url": is_plain_uri,
    "markdown": is_plain_markdown,
    "string": is_plain_text,
    "date": is_plain_year,
    "dateTime": is_plain_year,
    "instant": is_plain_year,
}
"""For the types that most elements have: what is plainly in order costs no visit."""

RESOURCES: Mapping[str, Sequence[ResourceCheck]] = {
    "Resource": (check_contained, check_element_ids),
    "Bundle": (check_bundle, check_bundle_links, check_searchset, check_document),
    "CapabilityStatement": (check_capability_statement,),
    "CodeSystem": (check_code_system,),
    "ConceptMap": (check_concept_map,),
    "Measure": (check_measure,),
    "MeasureReport": (check_measure_report,),
    "OperationDefinition": (check_operation_definition,),
    "Questionnaire": (check_questionnaire,),
    "QuestionnaireResponse": (check_questionnaire_response,),
    "SearchParameter": (check_search_parameter,),
    "StructureDefinition": (check_structure,),
    "ValueSet": (check_value_set,),
}


def content_check(definitions: Definitions, terminology: Terminology, identifiers: Grades = RECEIVED) -> ContentCheck:
    """All content checks, against these definitions; faulty national identifiers graded so."""
    elements = {**ELEMENTS, "Identifier": (check_identifier, NationalIdentifierCheck(identifiers))}
    return ContentCheck(definitions, terminology, elements, RESOURCES, GLANCES)
