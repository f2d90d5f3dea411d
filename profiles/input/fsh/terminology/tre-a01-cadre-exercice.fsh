CodeSystem: TRE_A01_CadreExercice
Id: TRE-A01-CadreExercice
Title: "NOS : cadre d'exercice"
Description: "Cadre d'exercice où un document est produit."
* insert NationalCodes([[https://mos.esante.gouv.fr/NOS/TRE_A01-CadreExercice/FHIR/TRE-A01-CadreExercice]], [[20240927120000]], [[ANS, ans.fr.terminologies 1.10.0]])
* insert Oid(1.2.250.1.213.1.1.4.9)
* ^count = 10
* ^caseSensitive = false
* #AMBULATOIRE "Ambulatoire"
* #AMO "Organisme d'assurance maladie obligatoire"
* #DEPISTAGE "Dépistage"
* #ESSMS "Etablissement ou Service Social ou Médico-Social"
* #ETABLISSEMENT "Etablissement de santé"
* #HAD "Hospitalisation à domicile"
* #MAD "Maintien à domicile"
* #PALLIATIF "Soins palliatifs"
* #SAD "Soins à domicile"
* #SAMU_SMUR "SAMU/SMUR"
