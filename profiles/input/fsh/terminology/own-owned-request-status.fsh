ValueSet: OwnedRequestStatus
Id: owned-request-status
Title: "States of a request"
Description: "What the requester, who owns the request, can say of it: never `unknown`."
* insert Metadata
* insert French([[États d'une demande]], [[Ce que le demandeur, à qui la demande appartient, peut en dire : jamais `unknown`.]])
* http://hl7.org/fhir/request-status#draft
* http://hl7.org/fhir/request-status#active
* http://hl7.org/fhir/request-status#on-hold
* http://hl7.org/fhir/request-status#revoked
* http://hl7.org/fhir/request-status#completed
* http://hl7.org/fhir/request-status#entered-in-error
