CodeSystem: TRE_R259_HL7ParticipationFunction
Id: TRE-R259-HL7ParticipationFunction
Title: "NOS : rôles fonctionnels HL7"
Description: "Fonction d'un participant : médecin traitant, responsable de l'admission, de la sortie."
* insert NationalCodes([[https://mos.esante.gouv.fr/NOS/TRE_R259-HL7ParticipationFunction/FHIR/TRE-R259-HL7ParticipationFunction]], [[20231215120000]], [[ANS, ans.fr.terminologies (dépôt ansforge/IG-terminologie-de-sante, 2026-07)]])
* insert Oid(2.16.840.1.113883.5.88)
* ^count = 4
* ^caseSensitive = false
* #ADMPHYS "Responsable de l'admission"
* #ATTPHYS "Référent - Responsable du patient dans la structure de soins"
* #DISPHYS "Responsable de la sortie"
* #PCP "Médecin traitant"
