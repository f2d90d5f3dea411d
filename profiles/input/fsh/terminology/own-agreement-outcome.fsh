CodeSystem: AgreementOutcome
Id: agreement-outcome
Title: "What was answered"
Description: "The answer to a request for agreement."
* insert Metadata
* insert French([[Ce qui a été répondu]], [[La réponse à une demande d'accord.]])
* ^caseSensitive = true
* insert Bilingual(asked, [[Demandé, sans réponse]], [[Asked, not answered]])
* insert Bilingual(agreed, [[Accord]], [[Agreed]])
* insert Bilingual(refused, [[Refus]], [[Refused]])
* insert Bilingual(no-general-practitioner, [[La personne n'a pas de médecin traitant]], [[The person has no general practitioner]])

ValueSet: AgreementOutcomes
Id: agreement-outcomes
Title: "What was answered: all codes"
Description: "All codes of AgreementOutcome."
* insert Metadata
* insert French([[Ce qui a été répondu : tous les codes]], [[Tous les codes de AgreementOutcome.]])
* include codes from system AgreementOutcome
