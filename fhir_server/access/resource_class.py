"""Which resource types are common to all callers, and which are somebody's.

What R4's Patient compartment holds, and what else may be about a person, is seen by marks alone. A type is open only where it is named
here: one that R4 adds, or that nobody thought of, stays closed.
"""

from __future__ import annotations

DEFINITIONS = frozenset((
    "ActivityDefinition", "CapabilityStatement", "ChargeItemDefinition", "CodeSystem", "CompartmentDefinition", "ConceptMap",
    "EventDefinition", "ExampleScenario", "GraphDefinition", "ImplementationGuide", "Library", "Measure", "MessageDefinition",
    "NamingSystem", "ObservationDefinition", "OperationDefinition", "PlanDefinition", "Questionnaire", "ResearchDefinition",
    "ResearchElementDefinition", "SearchParameter", "SpecimenDefinition", "StructureDefinition", "StructureMap",
    "TerminologyCapabilities", "ValueSet",
))  # fmt: skip
"""What defines, which says nothing about a person."""

DIRECTORY = frozenset((
    "DeviceDefinition", "Endpoint", "HealthcareService", "InsurancePlan", "Location", "Medication", "MedicationKnowledge", "Organization",
    "OrganizationAffiliation", "Practitioner", "PractitionerRole", "Slot", "Substance",
))  # fmt: skip
"""Who and what there is in the territory: professionals, structures, places, products."""

OPEN = DEFINITIONS | DIRECTORY
"""Read by everybody whose scopes have the type; written only by callers who serve the whole: who changes a directory changes who is who."""

ABOUT_PERSONS = frozenset(("Binary", "Contract", "Device", "GuidanceResponse", "Task"))
"""What may be about a person though R4's Patient compartment has it not (a test holds this against the definitions)."""

TRAIL = "AuditEvent"
"""Read by the data protection officer only."""

SUBSCRIPTION = "Subscription"
"""Seen by the client that asked for it, and by who serves the whole of the tenant."""
