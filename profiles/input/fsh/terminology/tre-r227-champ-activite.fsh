CodeSystem: TRE_R227_ChampActivite
Id: TRE-R227-ChampActivite
Title: "NOS : champ d'activité"
Description: "Champs d'activité d'une offre du ROR."
* insert NationalCodes([[https://mos.esante.gouv.fr/NOS/TRE_R227-ChampActivite/FHIR/TRE-R227-ChampActivite]], [[20260330120000]], [[ANS, ans.fr.terminologies 1.12.0, JDV_J20 (version de ce jeu de valeurs)]])
* ^caseSensitive = false
* #01 "Médecine, Chirurgie, Obstétrique (MCO)"
* #02 "Soins Médicaux et de réadaptation (SMR)"
* #03 "Psychiatrie (PSY)"
* #04 "Médico-social (MS)"
* #05 "Ville"
* #06 "Social"
