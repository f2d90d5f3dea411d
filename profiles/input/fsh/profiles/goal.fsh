Profile: PasserelleGoal
Parent: Goal
Id: passerelle-goal
Title: "Goal of a plan"
Description: "What the person wants to reach, or what a professional proposes to her, in words, with who said it; goals not reached are kept with the reason."
* insert Metadata
* insert French([[Objectif d'un plan]], [[Ce que la personne veut atteindre, ou ce qu'un professionnel lui propose, en toutes lettres et avec qui l'a dit ; un objectif non atteint est conservé avec son motif.]])
* obeys pas-goal-1 and pas-goal-2 and pas-goal-3 and pas-goal-4
* lifecycleStatus MS
* achievementStatus MS
* category MS
* priority MS
* description MS
* description.text 1..1 MS
* subject 1..1 MS
* subject only Reference(PasserellePatient)
* start[x] 1..1 MS
* start[x] only date
* target ..1 MS
* target.measure MS
* target.due[x] MS
* target.due[x] only date
* statusDate MS
* statusReason MS
* expressedBy 1..1 MS
* expressedBy only Reference(PasserellePatient or PasserelleRelatedPerson or PasserellePractitionerRole or PasserellePractitioner)
* addresses MS
* addresses only Reference(PasserelleCondition or PasserelleAidRequest or PasserelleReferral or PasserelleSocialProvision)

Invariant: pas-goal-1
Description: "A goal that is over or refused says since when: add `statusDate`."
Severity: #error
Expression: "(lifecycleStatus = 'completed' or lifecycleStatus = 'cancelled' or lifecycleStatus = 'rejected') implies statusDate.exists()"
* insert InFrench([[Un objectif terminé, abandonné ou refusé dit depuis quand : ajouter `statusDate`.]])

Invariant: pas-goal-2
Description: "A goal that was not reached is kept with the reason: add `statusReason`."
Severity: #error
Expression: "achievementStatus.coding.where(code = 'not-achieved' or code = 'not-attainable').exists() implies statusReason.exists()"
* insert InFrench([[Un objectif non atteint est conservé avec son motif : ajouter `statusReason`.]])

Invariant: pas-goal-3
Description: "A goal that was given up, suspended or refused says why: add `statusReason`."
Severity: #error
Expression: "(lifecycleStatus = 'cancelled' or lifecycleStatus = 'on-hold' or lifecycleStatus = 'rejected') implies statusReason.exists()"
* insert InFrench([[Un objectif abandonné, suspendu ou refusé dit pourquoi : ajouter `statusReason`.]])

Invariant: pas-goal-4
Description: "A goal cannot be due before it starts: mend `target.dueDate` or `startDate`."
Severity: #error
Expression: "(target.due < start).allFalse()"
* insert InFrench([[L’échéance d’un objectif ne précède pas son début : corriger `target.dueDate` ou `startDate`.]])
