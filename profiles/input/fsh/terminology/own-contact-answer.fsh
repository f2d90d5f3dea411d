CodeSystem: ContactAnswer
Id: contact-answer
Title: "Answer to a contact"
Description: "How a contact without a file was answered."
* insert Metadata
* insert French([[Réponse à une sollicitation]], [[Comment une sollicitation sans dossier a été traitée.]])
* ^caseSensitive = true
* insert Bilingual(informed, [[Information donnée]], [[Information given]])
* insert Bilingual(oriented, [[Orienté vers un autre interlocuteur]], [[Oriented elsewhere]])
* insert Bilingual(file-opened, [[Dossier ouvert avec l'accord de la personne]], [[A file was opened with the person's agreement]])

ValueSet: ContactAnswers
Id: contact-answers
Title: "Answer to a contact: all codes"
Description: "All codes of ContactAnswer."
* insert Metadata
* insert French([[Réponse à une sollicitation : tous les codes]], [[Tous les codes de ContactAnswer.]])
* include codes from system ContactAnswer
