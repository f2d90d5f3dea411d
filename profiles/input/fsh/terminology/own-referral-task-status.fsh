ValueSet: ReferralTaskStatus
Id: referral-task-status
Title: "States of a task that answers a request"
Description: "R4's task states without `ready` and `received`, as Gravity's SDOHCC-TaskForReferralManagement has them."
* insert Metadata
* insert French([[États d'une tâche qui répond à une demande]], [[Les états de R4 sans `ready` ni `received`, comme la SDOHCC-TaskForReferralManagement de Gravity.]])
* http://hl7.org/fhir/task-status#draft
* http://hl7.org/fhir/task-status#requested
* http://hl7.org/fhir/task-status#accepted
* http://hl7.org/fhir/task-status#rejected
* http://hl7.org/fhir/task-status#in-progress
* http://hl7.org/fhir/task-status#on-hold
* http://hl7.org/fhir/task-status#completed
* http://hl7.org/fhir/task-status#cancelled
* http://hl7.org/fhir/task-status#failed
* http://hl7.org/fhir/task-status#entered-in-error
