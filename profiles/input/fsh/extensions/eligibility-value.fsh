Extension: EligibilityValue
Id: eligibility-value
Title: "Who may come: the value"
Description: "What a criterion asks: a range of ages, a condition, a place, a limit in time."
* insert Metadata
* insert French([[Public accueilli : la valeur]], [[Ce que demande un critère : une tranche d'âge, une situation, un lieu, une durée maximale.]])
* ^context.type = #element
* ^context.expression = "HealthcareService.eligibility"
* value[x] 1..1
* value[x] only Range or CodeableConcept or Duration
