CodeSystem: CallOutcome
Id: call-outcome
Title: "Outcome of a follow-up call"
Description: "Who was reached after the discharge, or why nobody was."
* insert Metadata
* insert French([[Résultat d'un appel de suivi]], [[Qui a été joint après la sortie, ou pourquoi personne ne l'a été.]])
* ^caseSensitive = true
* insert Bilingual(person-reached, [[Personne jointe]], [[The person was reached]])
* insert Bilingual(carer-reached, [[Aidant joint]], [[A carer was reached]])
* insert Bilingual(readmitted, [[Réhospitalisée]], [[Readmitted]])
* insert Bilingual(died, [[Décédée]], [[Died]])

ValueSet: CallOutcomes
Id: call-outcomes
Title: "Outcome of a follow-up call: all codes"
Description: "All codes of CallOutcome."
* insert Metadata
* insert French([[Résultat d'un appel de suivi : tous les codes]], [[Tous les codes de CallOutcome.]])
* include codes from system CallOutcome
