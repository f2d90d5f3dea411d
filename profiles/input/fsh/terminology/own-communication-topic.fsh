CodeSystem: CommunicationTopic
Id: communication-topic
Title: "What is told"
Description: "What a structure, a hospital or a general practitioner tells another about a person."
* insert Metadata
* insert French([[Objet d'une transmission]], [[Ce qu'une structure, un établissement ou un médecin traitant transmet au sujet d'une personne.]])
* ^caseSensitive = true
* insert Bilingual(plan-for-validation, [[Plan adressé pour validation]], [[Plan sent for validation]])
* insert Bilingual(plan-copy, [[Copie du plan]], [[Copy of the plan]])
* insert Bilingual(feedback, [[Retour d'information]], [[Feedback]])
* insert Bilingual(referral-answer, [[Réponse à une demande d'appui]], [[Answer to a referral]])
* insert Bilingual(admission, [[Entrée à l'hôpital]], [[Admission to hospital]])
* insert Bilingual(discharge, [[Sortie de l'hôpital]], [[Discharge from hospital]])
* insert Bilingual(screening-proposed, [[Repérage proposé]], [[Screening proposed]])
* insert Bilingual(know-how, [[Transfert de savoir-faire]], [[Know-how handed on]])
* insert Bilingual(closing-letter, [[Fin de l'accompagnement]], [[End of the support]])
* insert Bilingual(liaison-note, [[Note de liaison]], [[Liaison note]])

ValueSet: CommunicationTopics
Id: communication-topics
Title: "What is told: all codes"
Description: "All codes of CommunicationTopic."
* insert Metadata
* insert French([[Objet d'une transmission : tous les codes]], [[Tous les codes de CommunicationTopic.]])
* include codes from system CommunicationTopic
