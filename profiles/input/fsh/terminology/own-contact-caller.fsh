CodeSystem: ContactCaller
Id: contact-caller
Title: "Who gets in touch"
Description: "Who asks, where no file exists."
* insert Metadata
* insert French([[Qui sollicite]], [[Qui demande, quand aucun dossier n'existe.]])
* ^caseSensitive = true
* insert Bilingual(person, [[La personne elle-même]], [[The person]])
* insert Bilingual(family, [[Un proche]], [[A relative or carer]])
* insert Bilingual(health-professional, [[Un professionnel de santé]], [[A health professional]])
* insert Bilingual(social-professional, [[Un professionnel du social]], [[A social professional]])
* insert Bilingual(other, [[Autre]], [[Other]])

ValueSet: ContactCallers
Id: contact-callers
Title: "Who gets in touch: all codes"
Description: "All codes of ContactCaller."
* insert Metadata
* insert French([[Qui sollicite : tous les codes]], [[Tous les codes de ContactCaller.]])
* include codes from system ContactCaller
