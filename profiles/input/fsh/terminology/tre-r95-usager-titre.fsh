CodeSystem: TRE_R95_UsagerTitre
Id: TRE-R95-UsagerTitre
Title: "NOS : usagers de titre"
Description: "Usagers de titre en vigueur : ostéopathe, psychothérapeute, chiropracteur, psychologue."
* insert NationalCodes([[https://mos.esante.gouv.fr/NOS/TRE_R95-UsagerTitre/FHIR/TRE-R95-UsagerTitre]], [[20241213120000]], [[ANS, ans.fr.terminologies 1.10.0]])
* insert Oid(1.2.250.1.213.1.6.1.109)
* ^count = 10
* ^caseSensitive = false
* #71 "Ostéopathe"
* #72 "Psychothérapeute"
* #73 "Chiropracteur"
* #93 "Psychologue"
