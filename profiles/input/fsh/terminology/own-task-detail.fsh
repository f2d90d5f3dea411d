CodeSystem: TaskDetail
Id: task-detail
Title: "What a task is given and what it gives"
Description: "Names of the inputs and outputs of the guide's tasks."
* insert Metadata
* insert French([[Ce qu'une tâche reçoit et rend]], [[Noms des entrées et sorties des tâches du guide.]])
* ^caseSensitive = true
* insert Bilingual(resulting-activity, [[Activité qui en résulte]], [[Resulting activity]])
* insert Bilingual(redirection, [[Réorientation vers]], [[Redirected to]])
* insert Bilingual(unmet-need, [[Besoin auquel aucun service du territoire ne répond]], [[Need that no service of the territory meets]])
* insert Bilingual(reminder, [[Relance]], [[Reminder]])
* insert Bilingual(validated-version, [[Version validée du plan]], [[Validated version of the plan]])
* insert Bilingual(attempt, [[Tentative d'appel]], [[Attempted call]])
* insert Bilingual(call-outcome, [[Résultat de l'appel]], [[Outcome of the call]])
* insert Bilingual(answers, [[Réponses recueillies]], [[Answers collected]])
* insert Bilingual(feedback, [[Retour envoyé]], [[Feedback sent]])
* insert Bilingual(invited, [[Invité à la réévaluation]], [[Invited to the re-evaluation]])
* insert Bilingual(problem, [[Problématique à examiner]], [[Problem to look at]])
* insert Bilingual(decision, [[Décision]], [[Decision]])
* insert Bilingual(synthesis, [[Synthèse]], [[Synthesis]])
* insert Bilingual(next-date, [[Prochaine réévaluation]], [[Next re-evaluation]])
* insert Bilingual(surveillance, [[Surveillance pendant la suspension]], [[Surveillance while suspended]])
* insert Bilingual(request-reason, [[Motif de la demande du service]], [[Why the ward asks]])
* insert Bilingual(expected-discharge, [[Sortie prévue]], [[Expected discharge]])
* insert Bilingual(proposed-screening, [[Repérage proposé]], [[Proposed screening]])
* insert Bilingual(referral, [[Orientation qui en résulte]], [[Resulting referral]])
* insert Bilingual(caller, [[Qualité de l'appelant]], [[Who calls]])
* insert Bilingual(channel, [[Moyen de contact]], [[Means of contact]])
* insert Bilingual(call-back, [[Rappeler au]], [[Call back at]])
* insert Bilingual(commune, [[Commune de résidence (code INSEE)]], [[Commune of residence (INSEE code)]])
* insert Bilingual(answer, [[Réponse donnée]], [[Answer given]])
* insert Bilingual(oriented-to, [[Orienté vers]], [[Oriented to]])
