Profile: PasserelleReferralTask
Parent: Task
Id: passerelle-referral-task
Title: "Answer to a referral"
Description: "How a support structure, or a partner whom it asks in turn, answers a referral: accepted, refused with the reason and to whom else to turn, done. Shaped after Gravity's SDOHCC-TaskForReferralManagement."
* insert Metadata
* insert French([[Réponse à une orientation]], [[Comment une structure d'appui, ou un partenaire qu'elle sollicite à son tour, répond à une orientation : acceptée, refusée avec le motif et vers qui se tourner, faite. Sur le modèle de SDOHCC-TaskForReferralManagement de Gravity.]])
* obeys pas-referral-task-1 and pas-referral-task-2 and pas-referral-task-3 and pas-referral-task-4 and pas-referral-task-5 and pas-agreement-2
* extension contains Agreement named agreement 0..2 MS
* partOf MS
* partOf only Reference(PasserelleReferralTask)
* status MS
* status from ReferralTaskStatus (required)
* statusReason MS
* statusReason from RefusalReasons (preferred)
* statusReason.text 1..1
* intent = #order (exactly)
* code 1..1 MS
* code = $task-code#fulfill
* focus 1..1 MS
* focus only Reference(PasserelleReferral)
* for 1..1 MS
* for only Reference(PasserellePatient)
* authoredOn 1..1 MS
* lastModified 1..1 MS
* requester 1..1 MS
* owner MS
* owner only Reference(PasserelleOrganization or PasserelleHealthcareService or PasserellePractitionerRole or PasserelleCareTeam)
* output MS
* output insert ToldApartByType
* output contains resultingActivity 0..* MS and redirection 0..* MS and unmetNeed 0..* MS
* output[resultingActivity] insert Named(resulting-activity)
* output[resultingActivity].value[x] only Reference(PasserelleEpisodeOfCare or PasserelleCarePlan or PasserelleCareTeam or PasserelleQuestionnaireResponse or PasserelleDocumentReference or PasserelleCommunication)
* output[redirection] insert Named(redirection)
* output[redirection].value[x] only Reference(PasserelleOrganization or PasserelleHealthcareService or PasserellePractitionerRole)
* output[unmetNeed] insert Named(unmet-need)
* output[unmetNeed].value[x] only string

Invariant: pas-referral-task-1
Description: "A refusal, a pause or a failure says why: add `statusReason` with its text."
Severity: #error
Expression: "(status = 'rejected' or status = 'on-hold' or status = 'failed') implies statusReason.exists()"
* insert InFrench([[Un refus, une mise en attente ou un échec dit pourquoi : ajouter `statusReason` avec son texte.]])

Invariant: pas-referral-task-2
Description: "Who refuses says whom else to ask: add an output `redirection`, or `unmet-need` where the territory has nobody; only a refusal by the person or the general practitioner, a person already followed and an incomplete request need none."
Severity: #error
Expression: "(status = 'rejected' and statusReason.coding.where(code = 'person-refuses' or code = 'gp-refuses' or code = 'already-followed' or code = 'incomplete').empty()) implies output.type.coding.where(code = 'redirection' or code = 'unmet-need').exists()"
* insert InFrench([[Qui refuse dit vers qui se tourner : ajouter un output `redirection`, ou `unmet-need` si personne n’y répond sur le territoire ; seuls un refus de la personne ou du médecin traitant, une personne déjà suivie et une demande incomplète n’en ont pas besoin.]])

Invariant: pas-referral-task-3
Description: "Nobody is included before the general practitioner agreed: add an agreement of the party `general-practitioner`, `agreed` or `no-general-practitioner`."
Severity: #error
Expression: "(status = 'in-progress' or status = 'completed') implies extension.where(url = 'https://passerelle.care/fhir/StructureDefinition/agreement').where(extension.where(url = 'party').value = 'general-practitioner' and (extension.where(url = 'outcome').value = 'agreed' or extension.where(url = 'outcome').value = 'no-general-practitioner')).exists()"
* insert InFrench([[Nul n’est inclus avant l’accord du médecin traitant : ajouter un accord de la partie `general-practitioner`, `agreed` ou `no-general-practitioner`.]])

Invariant: pas-referral-task-4
Description: "A referral that was taken has somebody who took it: add `owner`."
Severity: #error
Expression: "(status = 'accepted' or status = 'in-progress' or status = 'completed') implies owner.exists()"
* insert InFrench([[Une orientation acceptée a quelqu’un qui s’en charge : ajouter `owner`.]])

Invariant: pas-referral-task-5
Description: "A referral that is done shows what came of it: add an output `resulting-activity`."
Severity: #error
Expression: "status = 'completed' implies output.type.coding.where(code = 'resulting-activity').exists()"
* insert InFrench([[Une orientation faite montre ce qui en résulte : ajouter un output `resulting-activity`.]])
