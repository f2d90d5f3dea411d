Extension: PlanValidated
Id: plan-validated
Title: "Plan validated by the general practitioner"
Description: "Who validated this version of the plan and when. Absent from an informal plan, which is sent, read and used all the same."
* insert Metadata
* insert French([[Plan validé par le médecin traitant]], [[Qui a validé cette version du plan et quand. Absent d'un plan informel, qui est envoyé, lu et utilisé tout de même.]])
* ^context[+].type = #element
* ^context[=].expression = "CarePlan"
* extension contains by 1..1 and on 1..1 and task 0..1
* extension[by].value[x] only Reference(PasserellePractitionerRole or PasserellePractitioner)
* extension[by].value[x] 1..1
* extension[on].value[x] only dateTime
* extension[on].value[x] 1..1
* extension[task].value[x] only Reference(PasserellePlanValidation)
