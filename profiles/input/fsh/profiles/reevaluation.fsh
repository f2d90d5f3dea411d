Profile: PasserelleReevaluation
Parent: Task
Id: passerelle-reevaluation
Title: "Re-evaluation of a plan"
Description: "A plan is looked at again: who is invited, what is to be looked at, and what is decided: continue, adapt, suspend with surveillance, end."
* insert Metadata
* insert French([[Réévaluation d'un plan]], [[Un plan est revu : qui est invité, ce qui est à examiner, et ce qui est décidé : poursuivre, adapter, suspendre avec surveillance, terminer.]])
* obeys pas-reevaluation-1 and pas-reevaluation-2 and pas-reevaluation-3 and pas-reevaluation-4 and pas-reevaluation-5
* insert CoordinationTask(reevaluation)
* authoredOn 1..1
* focus only Reference(PasserelleCarePlan)
* owner 1..1
* restriction 1..1
* restriction.period 1..1
* restriction.period.end 1..1 MS
* restriction.period.end ^short = "The re-evaluation is to be held by then"
* input MS
* input insert ToldApartByType
* input contains invited 1..* MS and problem 0..* MS
* input[invited] insert Named(invited)
* input[invited].value[x] only Reference(PasserellePatient or PasserelleRelatedPerson or PasserellePractitionerRole or PasserellePractitioner or PasserelleOrganization)
* input[problem] insert Named(problem)
* input[problem].value[x] only string or Reference(PasserelleCondition)
* output MS
* output insert ToldApartByType
* output contains decision 0..1 MS and synthesis 0..1 MS and nextDate 0..1 MS and surveillance 0..* MS
* output[decision] insert Named(decision)
* output[decision].value[x] only CodeableConcept
* output[decision].valueCodeableConcept from ReevaluationDecisions (required)
* output[synthesis] insert Named(synthesis)
* output[synthesis].value[x] only markdown or Reference(PasserelleDocumentReference or PasserelleQuestionnaireResponse)
* output[nextDate] insert Named(next-date)
* output[nextDate].value[x] only date
* output[surveillance] insert Named(surveillance)
* output[surveillance].value[x] only string or Reference(PasserellePractitionerRole or PasserelleOrganization or PasserelleHealthcareService)

Invariant: pas-reevaluation-1
Description: "A re-evaluation that was held decides: add the output `decision`."
Severity: #error
Expression: "status = 'completed' implies output.type.coding.where(code = 'decision').exists()"
* insert InFrench([[Une réévaluation tenue décide : ajouter l’output `decision`.]])

Invariant: pas-reevaluation-2
Description: "A plan that goes on is looked at again: add the output `next-date`."
Severity: #error
Expression: "output.value.ofType(CodeableConcept).coding.where(code = 'continue' or code = 'adapt').exists() implies output.type.coding.where(code = 'next-date').exists()"
* insert InFrench([[Un plan qui continue sera revu : ajouter l’output `next-date`.]])

Invariant: pas-reevaluation-3
Description: "A plan is suspended with surveillance: say in the output `surveillance` who watches, or over what."
Severity: #error
Expression: "output.value.ofType(CodeableConcept).coding.where(code = 'suspend').exists() implies output.type.coding.where(code = 'surveillance').exists()"
* insert InFrench([[Un plan est suspendu avec surveillance : dire dans l’output `surveillance` qui surveille, ou quoi.]])

Invariant: pas-reevaluation-4
Description: "A re-evaluation under way or held has its day: add `executionPeriod.start`."
Severity: #error
Expression: "(status = 'in-progress' or status = 'completed') implies executionPeriod.start.exists()"
* insert InFrench([[Une réévaluation en cours ou tenue a sa date : ajouter `executionPeriod.start`.]])

Invariant: pas-reevaluation-5
Description: "A re-evaluation that is not held says why: add `statusReason` with its text."
Severity: #error
Expression: "(status = 'cancelled' or status = 'failed' or status = 'rejected' or status = 'on-hold') implies statusReason.exists()"
* insert InFrench([[Une réévaluation qui n’a pas lieu dit pourquoi : ajouter `statusReason` avec son texte.]])
