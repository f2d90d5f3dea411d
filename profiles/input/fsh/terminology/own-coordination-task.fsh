CodeSystem: CoordinationTask
Id: coordination-task
Title: "What a coordination task is for"
Description: "The tasks that coordinators, general practitioners and wards give each other about a person."
* insert Metadata
* insert French([[Objet d'une tâche de coordination]], [[Les tâches que coordonnateurs, médecins traitants et services se confient au sujet d'une personne.]])
* ^caseSensitive = true
* insert Bilingual(discharge-follow-up, [[Appel après la sortie d'hospitalisation]], [[Call after discharge]])
* insert Bilingual(plan-validation, [[Validation du plan par le médecin traitant]], [[Validation of the plan by the general practitioner]])
* insert Bilingual(feedback-due, [[Retour d'information à faire au médecin traitant]], [[Feedback due to the general practitioner]])
* insert Bilingual(reevaluation, [[Réévaluation du plan]], [[Re-evaluation of the plan]])
* insert Bilingual(ward-request, [[Demande d'un service avant la sortie]], [[A ward's request before discharge]])
* insert Bilingual(contact, [[Sollicitation sans dossier]], [[Contact without a file]])
