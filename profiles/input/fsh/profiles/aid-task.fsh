Profile: PasserelleAidTask
Parent: Task
Id: passerelle-aid-task
Title: "Where an aid stands"
Description: "Asked, granted, refused with the reason, in place: each with its date. A need that no service of the territory meets is kept, to be counted."
* insert Metadata
* insert French([[Suivi d'une aide]], [[Demandée, accordée, refusée avec le motif, en place : chacune avec sa date. Un besoin auquel aucun service du territoire ne répond est conservé, pour être compté.]])
* obeys pas-aid-task-1 and pas-aid-task-2 and pas-aid-task-3 and pas-aid-task-4 and pas-aid-task-5
* status MS
* status from ReferralTaskStatus (required)
* statusReason MS
* statusReason.text 1..1
* businessStatus 1..1 MS
* businessStatus from AidStates (required)
* intent = #order (exactly)
* code 1..1 MS
* code = $task-code#fulfill
* focus 1..1 MS
* focus only Reference(PasserelleAidRequest)
* for 1..1 MS
* for only Reference(PasserellePatient)
* authoredOn 1..1 MS
* authoredOn ^short = "When the aid was asked for"
* lastModified 1..1 MS
* requester 1..1 MS
* owner MS
* owner only Reference(PasserelleOrganization or PasserelleHealthcareService or PasserellePractitionerRole)
* output MS
* output insert ToldApartByType
* output contains granted 0..1 MS and refused 0..1 MS and inPlace 0..1 MS and ended 0..1 MS and unmetNeed 0..* MS
* output[granted].type = AidState#granted
* output[granted].value[x] only date
* output[refused].type = AidState#refused
* output[refused].value[x] only date
* output[inPlace].type = AidState#in-place
* output[inPlace].value[x] only date
* output[ended].type = AidState#ended
* output[ended].value[x] only date
* output[unmetNeed] insert Named(unmet-need)
* output[unmetNeed].value[x] only string

Invariant: pas-aid-task-1
Description: "Where the aid stands contradicts the task's status: asked goes with requested or accepted, granted with accepted or in-progress, refused with rejected, in place with in-progress or completed, ended with completed or cancelled, unmet with failed."
Severity: #error
Expression: "(businessStatus.coding.where(code = 'asked').exists() implies (status = 'requested' or status = 'accepted' or status = 'draft' or status = 'on-hold' or status = 'cancelled')) and (businessStatus.coding.where(code = 'granted').exists() implies (status = 'accepted' or status = 'in-progress' or status = 'on-hold' or status = 'cancelled')) and (businessStatus.coding.where(code = 'refused').exists() implies status = 'rejected') and (businessStatus.coding.where(code = 'in-place').exists() implies (status = 'in-progress' or status = 'completed')) and (businessStatus.coding.where(code = 'ended').exists() implies (status = 'completed' or status = 'cancelled')) and (businessStatus.coding.where(code = 'unmet').exists() implies status = 'failed')"
* insert InFrench([[Où en est l’aide contredit le statut de la tâche : demandée va avec requested ou accepted, accordée avec accepted ou in-progress, refusée avec rejected, en place avec in-progress ou completed, terminée avec completed ou cancelled, sans réponse avec failed.]])

Invariant: pas-aid-task-2
Description: "Each step has its date: granted, refused, in place and ended are dated by the output of that type."
Severity: #error
Expression: "businessStatus.coding.where(code = 'granted' or code = 'refused' or code = 'in-place' or code = 'ended').all(%resource.output.type.coding.code contains code)"
* insert InFrench([[Chaque étape a sa date : accordée, refusée, en place et terminée sont datées par l'`output` de ce type.]])

Invariant: pas-aid-task-3
Description: "A refusal says why: add `statusReason` with its text."
Severity: #error
Expression: "status = 'rejected' implies statusReason.exists()"
* insert InFrench([[Un refus dit pourquoi : ajouter `statusReason` avec son texte.]])

Invariant: pas-aid-task-4
Description: "A need that nothing meets is kept in words: add an output `unmet-need`."
Severity: #error
Expression: "businessStatus.coding.where(code = 'unmet').exists() implies output.type.coding.where(code = 'unmet-need').exists()"
* insert InFrench([[Un besoin sans réponse est conservé en toutes lettres : ajouter un output `unmet-need`.]])

Invariant: pas-aid-task-5
Description: "An aid is in place once it is granted: mend the date of the output `granted` or `in-place`."
Severity: #error
Expression: "(output.where(type.coding.code = 'in-place').value < output.where(type.coding.code = 'granted').value).allFalse()"
* insert InFrench([[Une aide est en place une fois accordée, pas avant : corriger la date de l’output `granted` ou `in-place`.]])
