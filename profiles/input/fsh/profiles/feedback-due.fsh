Profile: PasserelleFeedbackDue
Parent: Task
Id: passerelle-feedback-due
Title: "Feedback due to the general practitioner"
Description: "Who helps a person tells her general practitioner regularly: this task says to whom and by when, and is done by a message that was sent."
* insert Metadata
* insert French([[Retour d'information à faire au médecin traitant]], [[Qui accompagne une personne en informe régulièrement son médecin traitant : cette tâche dit à qui et pour quand, et se termine par un message envoyé.]])
* obeys pas-feedback-due-1 and pas-feedback-due-2 and pas-feedback-due-3
* insert CoordinationTask(feedback-due)
* authoredOn 1..1
* focus only Reference(PasserelleCarePlan or PasserelleEpisodeOfCare or PasserelleReferral)
* owner 1..1
* restriction 1..1
* restriction.period 1..1
* restriction.period.end 1..1 MS
* restriction.recipient 1..* MS
* restriction.recipient only Reference(PasserellePractitionerRole or PasserellePractitioner)
* output MS
* output insert ToldApartByType
* output contains feedback 0..* MS
* output[feedback] insert Named(feedback)
* output[feedback].value[x] only Reference(PasserelleCommunication or PasserelleDocumentReference)

Invariant: pas-feedback-due-1
Description: "Feedback was given when a message was sent: add the output `feedback` that names it."
Severity: #error
Expression: "status = 'completed' implies output.type.coding.where(code = 'feedback').exists()"
* insert InFrench([[Un retour est fait quand un message a été envoyé : ajouter l’output `feedback` qui le nomme.]])

Invariant: pas-feedback-due-2
Description: "Feedback that is not given says why: add `statusReason` with its text."
Severity: #error
Expression: "(status = 'cancelled' or status = 'failed' or status = 'rejected' or status = 'on-hold') implies statusReason.exists()"
* insert InFrench([[Un retour qui n’est pas fait dit pourquoi : ajouter `statusReason` avec son texte.]])

Invariant: pas-feedback-due-3
Description: "Feedback that was given has its day: add `executionPeriod.end`."
Severity: #error
Expression: "status = 'completed' implies executionPeriod.end.exists()"
* insert InFrench([[Un retour fait a sa date : ajouter `executionPeriod.end`.]])
