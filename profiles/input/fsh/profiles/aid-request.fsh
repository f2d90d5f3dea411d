Profile: PasserelleAidRequest
Parent: ServiceRequest
Id: passerelle-aid-request
Title: "Request for an aid"
Description: "An appointment, home services, a technical aid, a home adaptation or a financial aid that is looked for for a person; where it stands is told by its passerelle-aid-task."
* insert Metadata
* insert French([[Demande d'aide]], [[Un rendez-vous, des services à domicile, une aide technique, un aménagement du logement ou une aide financière recherchés pour une personne ; sa passerelle-aid-task dit où elle en est.]])
* obeys pas-aid-request-1 and pas-aid-request-2 and pas-aid-request-3 and pas-agreement-2
* extension contains Agreement named agreement 0..2 MS
* basedOn MS
* basedOn only Reference(PasserelleCarePlan or PasserelleReferral)
* status MS
* status from OwnedRequestStatus (required)
* intent = #order (exactly)
* category 1..* MS
* category insert ToldApartByPattern
* category contains aid 1..1 MS
* category[aid] = RequestCategory#aid
* priority MS
* code 1..1 MS
* code from AidKinds (required)
* code.text 1..1 MS
* code.text ^short = "The aid in words: a hospital bed, meals at home, APA"
* subject 1..1 MS
* subject only Reference(PasserellePatient)
* occurrence[x] MS
* authoredOn 1..1 MS
* requester 1..1 MS
* requester only Reference(PasserellePractitionerRole or PasserellePractitioner or PasserelleOrganization or PasserellePatient or PasserelleRelatedPerson)
* performer MS
* performer only Reference(PasserelleOrganization or PasserelleHealthcareService or PasserellePractitionerRole)
* reasonCode MS
* reasonCode from JDV_J285_Besoins_SERAFIN (preferred)
* reasonReference MS
* reasonReference only Reference(PasserelleCondition or PasserelleSocialProvision)
* specimen 0..0
* bodySite 0..0
* note MS

Invariant: pas-aid-request-1
Description: "An aid is asked for with the person's agreement: add an agreement of the party `person` with the outcome `agreed`, or leave the request `draft`."
Severity: #error
Expression: "(status = 'active' or status = 'completed') implies extension.where(url = 'https://passerelle.care/fhir/StructureDefinition/agreement').where(extension.where(url = 'party').value = 'person' and extension.where(url = 'outcome').value = 'agreed').exists()"
* insert InFrench([[Une aide est demandée avec l’accord de la personne : ajouter un accord de la partie `person` de résultat `agreed`, ou laisser la demande en `draft`.]])

Invariant: pas-aid-request-2
Description: "An aid answers a need: add `reasonCode` or `reasonReference`."
Severity: #error
Expression: "reasonCode.exists() or reasonReference.exists()"
* insert InFrench([[Une aide répond à un besoin : ajouter `reasonCode` ou `reasonReference`.]])

Invariant: pas-aid-request-3
Description: "A financial aid is asked of somebody who pays: name the department, the health insurance or the fund in `performer`."
Severity: #error
Expression: "(status = 'active' and code.coding.where(code = 'financial-aid').exists()) implies performer.exists()"
* insert InFrench([[Une aide financière est demandée à un financeur : nommer dans `performer` le département, l’assurance maladie ou la caisse.]])
