CodeSystem: TRE_R85_RolePriseCharge
Id: TRE-R85-RolePriseCharge
Title: "NOS : rôle dans la prise en charge"
Description: "Rôles des acteurs de la prise en charge et de la coordination, les rôles dépréciés que l'on reçoit encore compris."
* insert NationalCodes([[https://mos.esante.gouv.fr/NOS/TRE_R85-RolePriseCharge/FHIR/TRE-R85-RolePriseCharge]], [[20260202120000]], [[ANS, ans.fr.terminologies 1.10.0]])
* insert Oid(1.2.250.1.213.1.6.1.107)
* ^count = 75
* ^caseSensitive = false
* insert StatusProperty
* #300 "Assistant de service social (PAERPA)"
* #301 "Coordination territoriale d'appui (PAERPA)"
* #302 "Aide et accompagnement à domicile (PAERPA)"
* #304 "Assistant de service social (Expérimentation MAIA)"
* #305 "Psychologue (Expérimentation MAIA)"
* #306 "Psychothérapeute (Expérimentation MAIA)"
* #307 "Mandataire judiciaire à la protection des majeurs (MJPM)"
* #308 "Pilote MAIA"
* #309 "Gestionnaire de cas MAIA"
* #310 "Equipe médico-sociale APA"
* #311 "Autre acteur mettant en oeuvre la méthode MAIA"
* #312 "Autre professionnel"
* #313 "Aide-soignant"
* #314 "Ambulancier"
* #315 "Auxiliaire de puériculture"
* #318 "Auxiliaire de vie sociale"
* insert Deprecated(318)
* #319 "Technicien de l'intervention sociale et familiale"
* #320 "Conseiller en économie sociale et familiale"
* #321 "Médiateur familial"
* #322 "Assistant familial"
* #323 "Aide médico-psychologique"
* insert Deprecated(323)
* #324 "Moniteur éducateur"
* #325 "Educateur de jeunes enfants"
* #326 "Educateur spécialisé"
* #327 "Educateur technique spécialisé"
* #328 "Accompagnant éducatif et social"
* #330 "Coordonnateur de parcours"
* #331 "Secrétaire assistante médico-administrative"
* #332 "Assistant médical"
* #333 "Responsable de secteur"
* #336 "Autre professionnel intervenant dans l'accueil et l'orientation des personnes"
* #345 "Autre professionnel intervenant dans le social, éducatif, psychologie et culturel"
* #350 "Aide à domicile"
* insert Deprecated(350)
* #352 "Autre salarié de la structure sociale"
* insert Deprecated(352)
* #353 "Membre de l'équipe de soins"
* #361 "Educateur en activité physique adaptée"
* #371 "Aide à domicile qualifié(e)"
* #372 "Aide à domicile"
