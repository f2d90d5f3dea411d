CodeSystem: ProvenanceActivity
Id: provenance-activity
Title: "How a resource came about"
Description: "What HL7's codes of data operations do not say: made from a message of another standard, or from the answers to a form."
* insert Metadata
* insert French([[Origine d'une ressource]], [[Ce que les codes HL7 des opérations sur les données ne disent pas : obtenue d'un message d'un autre standard, ou des réponses à un formulaire.]])
* ^caseSensitive = true
* insert Bilingual(converted, [[Convertie d'un message ou d'un document]], [[Converted from a message or document]])
* insert Bilingual(extracted, [[Extraite des réponses à un formulaire]], [[Extracted from the answers to a form]])

ValueSet: ProvenanceActivities
Id: provenance-activities
Title: "How a resource came about: HL7's codes and ours"
Description: "Created, updated, legally authenticated (HL7), converted or extracted (our own)."
* insert Metadata
* insert French([[Origine d'une ressource : codes HL7 et nôtres]], [[Créée, mise à jour, authentifiée (HL7), convertie ou extraite (nos codes).]])
* $v3-DataOperation#CREATE
* $v3-DataOperation#UPDATE
* $v3-DocumentCompletion#LA
* include codes from system ProvenanceActivity
