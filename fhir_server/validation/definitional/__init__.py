"""Resources that define others: what their own StructureDefinitions do not say of them
(https://hl7.org/fhir/R4/resourcelist.html, the conformance and terminology rows).
"""
