Profile: PasserelleDocumentReference
Parent: DocumentReference
Id: passerelle-document-reference
Title: "document-reference"
Description: "document-reference"
* insert Metadata
