ValueSet: InclusionReasons
Id: inclusion-reasons
Title: "Why a person is included"
Description: "All boxes of the HAS inclusion form (2014, annexe 4)."
* insert Metadata
* insert French([[Motifs d'inclusion]], [[Toutes les cases de la fiche d'inclusion de la HAS (2014, annexe 4).]])
* include codes from system InclusionReason
