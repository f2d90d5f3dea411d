Profile: PasserelleDocumentReceived
Parent: DocumentReference
Id: passerelle-document-received
Title: "DocumentReference: a document as a message brought it"
Description: "A document that came with a message (HL7 v2 MDM, ORU) or a mail: what the message says of it, before anything of the document itself is read."
* insert Metadata
* insert French([[Document reçu]], [[Un document arrivé par un message (HL7 v2 MDM, ORU) ou un courriel : ce que le message en dit, avant que le document lui-même soit lu.]])
* obeys pas-document-reference-1 and pas-document-reference-2 and pas-document-reference-3 and pas-document-received-1 and pas-document-received-2
* masterIdentifier 1..1 MS
* masterIdentifier.system 1..1
* masterIdentifier.value 1..1
* identifier MS
* identifier.value 1..1
* status MS
* docStatus MS
* type 1..1 MS
* subject 1..1 MS
* subject only Reference(PasserellePatient)
* date 1..1 MS
* author MS
* author only Reference(PasserellePractitioner or PasserellePractitionerRole or PasserelleOrganization or Device)
* authenticator MS
* authenticator only Reference(PasserellePractitioner or PasserellePractitionerRole or PasserelleOrganization)
* relatesTo MS
* securityLabel MS
* content 1..* MS
* content.attachment MS
* content.attachment.contentType 1..1 MS
* content.attachment.data 0..0
* content.attachment.url 1..1 MS
* content.attachment.size 1..1 MS
* content.attachment.hash 1..1 MS
* context MS
* context.encounter MS
* context.encounter only Reference(PasserelleEncounterStay)

Invariant: pas-document-received-1
Description: "What kind of document it is is told by a code or in words: add a coding or text to type."
Severity: #error
Expression: "type.coding.code.exists() or type.text.exists()"
* insert InFrench([[La nature du document est dite par un code ou en mots : ajouter un code ou un texte à `type`.]])

Invariant: pas-document-received-2
Description: "A document does not replace itself: correct the target of relatesTo, or the number of this one."
Severity: #error
Expression: "relatesTo.where(code = 'replaces').target.identifier.where(system = %resource.masterIdentifier.system and value = %resource.masterIdentifier.value).empty()"
* insert InFrench([[Un document ne se remplace pas lui-même : corriger la cible de `relatesTo`, ou le numéro de celui-ci.]])
