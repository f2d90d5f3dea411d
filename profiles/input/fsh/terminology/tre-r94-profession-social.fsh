CodeSystem: TRE_R94_ProfessionSocial
Id: TRE-R94-ProfessionSocial
Title: "NOS : professions du social"
Description: "Assistant de service social (en vigueur), et les professions désormais codées par TRE_R85 que l'on reçoit encore."
* insert NationalCodes([[https://mos.esante.gouv.fr/NOS/TRE_R94-ProfessionSocial/FHIR/TRE-R94-ProfessionSocial]], [[20241213120000]], [[ANS, ans.fr.terminologies 1.10.0]])
* insert Oid(1.2.250.1.213.1.6.1.4)
* ^count = 26
* ^caseSensitive = false
* insert StatusProperty
* #41 "Assistant de service social"
* #42 "Auxiliaire de vie sociale"
* insert Deprecated(42)
* #43 "Technicien de l'intervention sociale et familiale"
* insert Deprecated(43)
* #44 "Conseiller en économie sociale et familiale"
* insert Deprecated(44)
* #45 "Médiateur familial"
* insert Deprecated(45)
* #46 "Assistant familial"
* insert Deprecated(46)
* #47 "Aide médico-psychologique"
* insert Deprecated(47)
* #48 "Moniteur éducateur"
* insert Deprecated(48)
* #49 "Educateur de jeunes enfants"
* insert Deprecated(49)
* #51 "Educateur spécialisé"
* insert Deprecated(51)
* #52 "Educateur technique spécialisé"
* insert Deprecated(52)
* #53 "Accompagnant éducatif et social"
* insert Deprecated(53)
