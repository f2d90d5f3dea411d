Profile: PasserellePlanValidation
Parent: Task
Id: passerelle-plan-validation
Title: "Validation of a plan by the general practitioner"
Description: "The general practitioner is asked to validate a plan, is reminded, and answers or not: the plan is sent, read and used in the meantime."
* insert Metadata
* insert French([[Validation d'un plan par le médecin traitant]], [[Le médecin traitant est invité à valider un plan, est relancé, et répond ou non : le plan est envoyé, lu et utilisé entre-temps.]])
* obeys pas-plan-validation-1 and pas-plan-validation-2 and pas-plan-validation-3 and pas-plan-validation-4
* insert CoordinationTask(plan-validation)
* authoredOn 1..1
* status from PlanValidationStatus (required)
* focus only Reference(PasserelleCarePlan)
* requester 1..1
* owner 1..1
* owner only Reference(PasserellePractitionerRole or PasserellePractitioner)
* owner ^short = "The general practitioner"
* restriction 1..1
* restriction.period 1..1
* restriction.period.end 1..1 MS
* restriction.period.end ^short = "After this day the general practitioner is reminded"
* input MS
* input insert ToldApartByType
* input contains reminder 0..* MS
* input[reminder] insert Named(reminder)
* input[reminder].value[x] only dateTime
* output MS
* output insert ToldApartByType
* output contains validatedVersion 0..1 MS
* output[validatedVersion] insert Named(validated-version)
* output[validatedVersion].value[x] only Reference(PasserelleCarePlan)

Invariant: pas-plan-validation-1
Description: "A validation has its day: add `executionPeriod.end`."
Severity: #error
Expression: "(status = 'completed' or status = 'rejected') implies executionPeriod.end.exists()"
* insert InFrench([[Une validation, ou son refus, a sa date : ajouter `executionPeriod.end`.]])

Invariant: pas-plan-validation-2
Description: "What is validated is one version of the plan: add the output `validated-version` with a reference to `CarePlan/ID/_history/VERSION`."
Severity: #error
Expression: "status = 'completed' implies output.where(type.coding.code = 'validated-version').value.reference.where($this.matches('^.*/_history/.+$')).exists()"
* insert InFrench([[Ce qui est validé est une version du plan : ajouter l’output `validated-version` avec une référence `CarePlan/ID/_history/VERSION`.]])

Invariant: pas-plan-validation-3
Description: "A general practitioner who does not validate says what is to change: add `statusReason` with its text."
Severity: #error
Expression: "status = 'rejected' implies statusReason.exists()"
* insert InFrench([[Un médecin traitant qui ne valide pas dit ce qu’il faut changer : ajouter `statusReason` avec son texte.]])

Invariant: pas-plan-validation-4
Description: "Only a validation was validated: an output `validated-version` belongs to a task that is `completed`."
Severity: #error
Expression: "output.type.coding.where(code = 'validated-version').exists() implies status = 'completed'"
* insert InFrench([[Seule une validation faite nomme une version validée : un output `validated-version` va avec une tâche `completed`.]])
