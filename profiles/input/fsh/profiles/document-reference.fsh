Profile: PasserelleDocumentReference
Parent: DocumentReference
Id: passerelle-document-reference
Title: "DocumentReference: a shared document"
Description: "A plan, a discharge letter, an assessment, as it is shared with the DMP or another record by PDSm (IHE MHD): who wrote it is contained, the content is a Binary."
* insert Metadata
* insert French([[Document partagé]], [[Un plan, une lettre de liaison, une évaluation, tel qu'il est partagé avec le DMP ou un autre dossier par PDSm (IHE MHD) : l'auteur est contenu, le contenu est un Binary.]])
* insert CompliesWith(https://interop.esante.gouv.fr/ig/fhir/pdsm/StructureDefinition/pdsm-comprehensive-document-reference)
* obeys pas-document-reference-1 and pas-document-reference-2 and pas-document-reference-3 and pas-document-reference-4
* contained 1..* MS
* modifierExtension 0..0
* masterIdentifier 1..1 MS
* masterIdentifier.use 1..1
* masterIdentifier.use = #usual
* masterIdentifier.system 1..1
* masterIdentifier.value 1..1
* identifier MS
* identifier ^slicing.discriminator.type = #value
* identifier ^slicing.discriminator.path = "use"
* identifier ^slicing.rules = #open
* identifier contains entryUUID 0..* MS
* identifier[entryUUID].use 1..1
* identifier[entryUUID].use = #official
* identifier[entryUUID].system 1..1
* identifier[entryUUID].system = "urn:ietf:rfc:3986" (exactly)
* identifier[entryUUID].value 1..1
* identifier[entryUUID].value obeys pas-document-reference-5
* status MS
* status from DocumentStatuses (required)
* docStatus 0..0
* type 1..1 MS
* type from $JDV_J07 (extensible)
* category 1..1 MS
* category from $JDV_J06 (required)
* subject 1..1 MS
* subject only Reference(PasserellePatient)
* date 1..1 MS
* author 1..* MS
* author only Reference(Practitioner or PractitionerRole or Device or Patient)
* author ^type.aggregation = #contained
* author ^comment = "Contained: only what the document's header says of its author, so the profiles of the directory do not apply."
* authenticator MS
* authenticator only Reference(Practitioner or PractitionerRole or Organization)
* authenticator ^type.aggregation = #contained
* custodian 1..1 MS
* custodian only Reference(PasserelleOrganization)
* relatesTo MS
* description MS
* securityLabel 1..* MS
* securityLabel from $JDV_J08 (extensible)
* content 1..1 MS
* content.attachment MS
* content.attachment.contentType 1..1 MS
* content.attachment.language 1..1 MS
* content.attachment.data 0..0
* content.attachment.url 1..1 MS
* content.attachment.size 1..1 MS
* content.attachment.hash 1..1 MS
* content.attachment.title 1..1 MS
* content.attachment.creation 1..1 MS
* content.format 1..1 MS
* content.format from $JDV_J10 (preferred)
* context 1..1 MS
* context.event MS
* context.period 1..1 MS
* context.period.start 1..1 MS
* context.facilityType 1..1 MS
* context.facilityType from $JDV_J02 (preferred)
* context.practiceSetting 1..1 MS
* context.practiceSetting from $JDV_J04 (preferred)
* context.sourcePatientInfo 1..1 MS
* context.sourcePatientInfo only Reference(Patient)
* context.sourcePatientInfo ^type.aggregation = #contained
* context.related MS

Invariant: pas-document-reference-1
Description: "A document replaces one other at most: keep one relatesTo with code replaces."
Severity: #error
Expression: "relatesTo.where(code = 'replaces').count() <= 1"
* insert InFrench([[Un document en remplace un seul autre : garder un seul `relatesTo` de code `replaces`.]])

Invariant: pas-document-reference-2
Description: "The content is a Binary here, in the same transaction, or at a secure address: give Binary/ID, urn:uuid: or https:."
Severity: #error
Expression: "content.attachment.url.all(contains('Binary/') or startsWith('urn:uuid:') or startsWith('https:'))"
* insert InFrench([[Le contenu est un Binary d’ici ou de la même transaction, ou à une adresse sûre : donner `Binary/ID`, `urn:uuid:` ou `https:`.]])

Invariant: pas-document-reference-3
Description: "The hash is no SHA-1: give the 20 bytes in base64, 28 characters."
Severity: #error
Expression: "content.attachment.hash.all($this.toString().length() = 28)"
* insert InFrench([[L’empreinte n’est pas un SHA-1 : donner les 20 octets en base64, soit 28 caractères.]])

Invariant: pas-document-reference-4
Description: "Confidentiality has a level: add N, R or V, beside whatever hides the document from somebody."
Severity: #error
Expression: "securityLabel.coding.where(code = 'N' or code = 'R' or code = 'V').exists()"
* insert InFrench([[La confidentialité a un niveau : ajouter N, R ou V à côté de ce qui masque le document à quelqu’un.]])

Invariant: pas-document-reference-5
Description: "The entry's identifier is a UUID: begin it with urn:uuid:."
Severity: #error
Expression: "startsWith('urn:uuid:')"
* insert InFrench([[L’identifiant de l’entrée est un UUID : le commencer par `urn:uuid:`.]])
