ValueSet: DocumentStatuses
Id: document-status
Title: "Status of a shared document"
Description: "Current or superseded: a document is replaced or withdrawn, not marked as an error (IHE MHD, DocumentReferenceStats)."
* insert Metadata
* insert French([[Statut d'un document partagé]], [[En vigueur ou remplacé : un document est remplacé ou retiré, pas marqué comme erreur (IHE MHD).]])
* http://hl7.org/fhir/document-reference-status#current
* http://hl7.org/fhir/document-reference-status#superseded
