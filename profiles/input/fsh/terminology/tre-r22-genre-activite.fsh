CodeSystem: TRE_R22_GenreActivite
Id: TRE-R22-GenreActivite
Title: "NOS : genre d'activité"
Description: "Genres d'activité en vigueur d'un professionnel : soin, coordination et orientation, accompagnement..."
* insert NationalCodes([[https://mos.esante.gouv.fr/NOS/TRE_R22-GenreActivite/FHIR/TRE-R22-GenreActivite]], [[20240329120000]], [[ANS, ans.fr.terminologies 1.10.0]])
* insert Oid(1.2.250.1.213.1.6.1.19)
* ^count = 14
* ^caseSensitive = false
* #GENR01 "Activité de soin et de pharmacie"
* #GENR02 "Activité de soins ou de pharmacien en tant que remplaçant"
* #GENR03 "Remplacement dans une activité de soins"
* #GENR04 "Activité non soignante"
* #GENR06 "Délégation de responsabilité pour continuité de service"
* #GENR08 "Coordination et orientation"
* #GENR09 "Administratif ou appui à l'organisation de l'accompagnement social/médico-social"
* #GENR10 "Accompagnement social/médico-social à la vie sociale, professionnelle, éducative"
* #GENR11 "Accompagnement social/médico-social au soin"
* #GENR12 "Encadrement et organisation de l'accompagnement social/médico-social"
* #GENR13 "Activité médico-administrative"
* #GENR99 "Autre activité"
