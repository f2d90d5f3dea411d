CodeSystem: TRE_R291_AutreProfession
Id: TRE-R291-AutreProfession
Title: "NOS : autre profession"
Description: "Acteur du système de santé que son rôle caractérise."
* insert NationalCodes([[https://mos.esante.gouv.fr/NOS/TRE_R291-AutreProfession/FHIR/TRE-R291-AutreProfession]], [[20231215120000]], [[ANS, ans.fr.terminologies 1.10.0]])
* insert Oid(1.2.250.1.213.1.6.1.140)
* ^count = 2
* ^caseSensitive = false
* #99 "Acteur participant au système de santé caractérisé par rôle"
