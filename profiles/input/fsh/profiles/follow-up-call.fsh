Profile: PasserelleFollowUpCall
Parent: Task
Id: passerelle-follow-up-call
Title: "Follow-up call after discharge"
Description: "A person who is already followed comes home from hospital: somebody calls her in the days that follow. One stay opens one task."
* insert Metadata
* insert French([[Appel de suivi après une sortie]], [[Une personne déjà suivie rentre de l'hôpital : quelqu'un l'appelle dans les jours qui suivent. Un séjour ouvre une seule tâche.]])
* obeys pas-follow-up-call-1 and pas-follow-up-call-2 and pas-follow-up-call-3 and pas-follow-up-call-4 and pas-follow-up-call-5
* identifier 1..* MS
* identifier insert ToldApartBySystem
* identifier contains stay 1..1 MS
* identifier[stay].system = "https://passerelle.care/fhir/identifier/discharge-follow-up" (exactly)
* identifier[stay].value 1..1
* identifier[stay] ^short = "The stay, so that a discharge told twice opens one task"
* insert CoordinationTask(discharge-follow-up)
* priority 1..1 MS
* focus only Reference(PasserelleEncounterStay)
* encounter 1..1 MS
* encounter only Reference(PasserelleEncounterStay)
* restriction.period.start 1..1 MS
* restriction.period.end 1..1 MS
* output MS
* output insert ToldApartByType
* output contains attempt 0..* MS and outcome 0..1 MS and answers 0..1 MS
* output[attempt] insert Named(attempt)
* output[attempt].value[x] only dateTime
* output[outcome] insert Named(call-outcome)
* output[outcome].value[x] only CodeableConcept
* output[outcome].valueCodeableConcept from CallOutcomes (required)
* output[answers] insert Named(answers)
* output[answers].value[x] only Reference(PasserelleQuestionnaireResponse)

Invariant: pas-follow-up-call-1
Description: "A call that was made says who was reached: add the output `call-outcome`."
Severity: #error
Expression: "status = 'completed' implies output.type.coding.where(code = 'call-outcome').exists()"
* insert InFrench([[Un appel fait dit qui a été joint : ajouter l’output `call-outcome`.]])

Invariant: pas-follow-up-call-2
Description: "Nobody is out of reach before being called: a failed call tells its attempts, each an output `attempt` with its time."
Severity: #error
Expression: "status = 'failed' implies output.type.coding.where(code = 'attempt').exists()"
* insert InFrench([[Nul n’est injoignable avant d’avoir été appelé : un appel sans succès dit ses tentatives, chacune un output `attempt` avec son heure.]])

Invariant: pas-follow-up-call-3
Description: "A call is about the stay that ended: `focus` and `encounter` name the same Encounter."
Severity: #error
Expression: "focus.reference.empty() or encounter.reference.empty() or focus.reference = encounter.reference"
* insert InFrench([[Un appel porte sur le séjour qui s’est terminé : `focus` et `encounter` nomment le même Encounter.]])

Invariant: pas-follow-up-call-4
Description: "The return home lasts 90 days at most: bring `restriction.period.end` nearer to its start."
Severity: #error
Expression: "(restriction.period.end > restriction.period.start + 90 days).allFalse()"
* insert InFrench([[Le retour à domicile dure 90 jours au plus : rapprocher `restriction.period.end` de son début.]])

Invariant: pas-follow-up-call-5
Description: "A call that was made has its day: add `executionPeriod.end`."
Severity: #error
Expression: "status = 'completed' implies executionPeriod.end.exists()"
* insert InFrench([[Un appel fait a sa date : ajouter `executionPeriod.end`.]])
