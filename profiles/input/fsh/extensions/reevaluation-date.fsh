Extension: ReevaluationDate
Id: reevaluation-date
Title: "Date of re-evaluation"
Description: "When the plan is to be looked at again with the person and her general practitioner."
* insert Metadata
* insert French([[Date de réévaluation]], [[Quand le plan est à revoir avec la personne et son médecin traitant.]])
* ^context[+].type = #element
* ^context[=].expression = "CarePlan"
* value[x] only date
* value[x] 1..1
