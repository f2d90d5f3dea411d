Extension: PlanDocumentStatus
Id: plan-document-status
Title: "Status of the plan's document"
Description: "The status that a PPS-PAERPA document gives its plan: one of the three codes of JDV_StatutDocPPSPAERPA-CISIS, or GEN-068 as the official sample has it."
* insert Metadata
* insert French([[Statut documentaire du plan]], [[Le statut donné par un document PPS-PAERPA : un des trois codes du JDV_StatutDocPPSPAERPA-CISIS, ou GEN-068 comme dans l'exemple officiel.]])
* ^context[+].type = #element
* ^context[=].expression = "CarePlan"
* value[x] only CodeableConcept
* value[x] 1..1
* valueCodeableConcept from PaerpaPlanStatus (required)
