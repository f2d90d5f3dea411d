Extension: ObjectionReason
Id: objection-reason
Title: "Why the person objects"
Description: "The legitimate reason for which the person objects to feeding the DMP, in the person's words."
* insert Metadata
* insert French([[Motif d'opposition]], [[Le motif légitime pour lequel la personne s'oppose à l'alimentation du DMP, dans ses mots.]])
* ^context.type = #element
* ^context.expression = "Consent"
* value[x] 1..1
* value[x] only string
