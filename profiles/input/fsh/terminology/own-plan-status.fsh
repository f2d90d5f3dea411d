ValueSet: PlanStatus
Id: plan-status
Title: "States of a plan"
Description: "R4's states of a plan without `unknown`."
* insert Metadata
* insert French([[États d'un plan]], [[Les états de R4 pour un plan, sans `unknown`.]])
* http://hl7.org/fhir/request-status#draft
* http://hl7.org/fhir/request-status#active
* http://hl7.org/fhir/request-status#on-hold
* http://hl7.org/fhir/request-status#revoked
* http://hl7.org/fhir/request-status#completed
* http://hl7.org/fhir/request-status#entered-in-error
