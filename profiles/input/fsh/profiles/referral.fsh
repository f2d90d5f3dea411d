Profile: PasserelleReferral
Parent: ServiceRequest
Id: passerelle-referral
Title: "Referral to a support structure"
Description: "Somebody asks a support structure to act for a person, who agreed to be contacted. The requester, whoever it is, owns the request; the structure answers by a passerelle-referral-task."
* insert Metadata
* insert French([[Orientation vers une structure d'appui]], [[Quelqu'un demande à une structure d'appui d'agir pour une personne, qui a accepté d'être contactée. La demande appartient au demandeur, quel qu'il soit ; la structure répond par une passerelle-referral-task.]])
* obeys pas-referral-1 and pas-referral-2 and pas-referral-3 and pas-referral-4 and pas-referral-5 and pas-agreement-2
* extension contains Agreement named agreement 0..2 MS and PrescribingPhysician named prescribingPhysician 0..1 MS
* identifier 1..* MS
* identifier.system 1..1
* identifier.value 1..1
* replaces MS
* status MS
* status from OwnedRequestStatus (required)
* intent = #order (exactly)
* category 1..* MS
* category insert ToldApartByPattern
* category contains referral 1..1 MS
* category[referral] = RequestCategory#referral
* priority MS
* code 1..1 MS
* code from SupportFunctions (required)
* orderDetail 0..0
* quantity[x] 0..0
* subject 1..1 MS
* subject only Reference(PasserellePatient)
* encounter MS
* authoredOn 1..1 MS
* requester 1..1 MS
* requester only Reference(PasserellePractitionerRole or PasserellePractitioner or PasserelleOrganization or PasserellePatient or PasserelleRelatedPerson)
* performer MS
* performer only Reference(PasserelleOrganization or PasserelleHealthcareService or PasserellePractitionerRole or PasserelleCareTeam)
* reasonCode MS
* reasonCode from InclusionReasons (preferred)
* reasonReference MS
* reasonReference only Reference(PasserelleCondition or PasserelleSocialProvision)
* supportingInfo MS
* specimen 0..0
* bodySite 0..0
* note MS

Invariant: pas-referral-1
Description: "Nobody contacts a person who has not agreed: add an agreement of the party `person` with the outcome `agreed`, or leave the referral `draft`."
Severity: #error
Expression: "(status = 'active' or status = 'completed') implies extension.where(url = 'https://passerelle.care/fhir/StructureDefinition/agreement').where(extension.where(url = 'party').value = 'person' and extension.where(url = 'outcome').value = 'agreed').exists()"
* insert InFrench([[Personne ne contacte une personne qui n’a pas donné son accord : ajouter un accord de la partie `person` de résultat `agreed`, ou laisser l’orientation en `draft`.]])

Invariant: pas-referral-2
Description: "The general practitioner is asked: an active referral tells the agreement of the party `general-practitioner` (asked, agreed, refused, or none to ask)."
Severity: #error
Expression: "status = 'active' implies extension.where(url = 'https://passerelle.care/fhir/StructureDefinition/agreement').where(extension.where(url = 'party').value = 'general-practitioner').exists()"
* insert InFrench([[Le médecin traitant est sollicité : une orientation active dit l’accord de la partie `general-practitioner` (demandé, donné, refusé, ou pas de médecin traitant).]])

Invariant: pas-referral-3
Description: "A referral says why: add `reasonCode` or `reasonReference`."
Severity: #error
Expression: "reasonCode.exists() or reasonReference.exists()"
* insert InFrench([[Une orientation dit pourquoi : ajouter `reasonCode` ou `reasonReference`.]])

Invariant: pas-referral-4
Description: "A support that no code names is told in words: add `code.text` beside `other`."
Severity: #error
Expression: "code.coding.where(code = 'other').exists() implies code.text.exists()"
* insert InFrench([[Un appui qu’aucun code ne nomme est dit en toutes lettres : ajouter `code.text` à côté de `other`.]])

Invariant: pas-referral-5
Description: "A referral that its requester takes back says why: add `note`."
Severity: #error
Expression: "status = 'revoked' implies note.exists()"
* insert InFrench([[Une orientation que le demandeur retire dit pourquoi : ajouter `note`.]])
