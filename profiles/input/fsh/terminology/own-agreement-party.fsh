CodeSystem: AgreementParty
Id: agreement-party
Title: "Whose agreement"
Description: "Whose agreement comes first: the person's before contact, the general practitioner's before inclusion."
* insert Metadata
* insert French([[Accord de qui]], [[L'accord de la personne avant tout contact, celui du médecin traitant avant l'inclusion.]])
* ^caseSensitive = true
* insert Bilingual(person, [[La personne]], [[The person]])
* insert Bilingual(general-practitioner, [[Le médecin traitant]], [[The general practitioner]])

ValueSet: AgreementParties
Id: agreement-parties
Title: "Whose agreement: all codes"
Description: "All codes of AgreementParty."
* insert Metadata
* insert French([[Accord de qui : tous les codes]], [[Tous les codes de AgreementParty.]])
* include codes from system AgreementParty
