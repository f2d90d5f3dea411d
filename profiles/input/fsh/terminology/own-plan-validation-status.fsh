ValueSet: PlanValidationStatus
Id: plan-validation-status
Title: "States of a validation"
Description: "Silence is reminded and ends nothing: a validation neither fails nor is on hold."
* insert Metadata
* insert French([[États d'une validation]], [[Le silence se relance et ne termine rien : une validation n'échoue pas et n'est pas suspendue.]])
* http://hl7.org/fhir/task-status#requested
* http://hl7.org/fhir/task-status#received
* http://hl7.org/fhir/task-status#accepted
* http://hl7.org/fhir/task-status#rejected
* http://hl7.org/fhir/task-status#in-progress
* http://hl7.org/fhir/task-status#completed
* http://hl7.org/fhir/task-status#cancelled
* http://hl7.org/fhir/task-status#entered-in-error
