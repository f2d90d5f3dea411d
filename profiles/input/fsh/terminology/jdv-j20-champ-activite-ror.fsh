ValueSet: JDV_J20_ChampActivite_ROR
Id: JDV-J20-ChampActivite-ROR
Title: "JDV J20 : champ d'activité"
Description: "Champ d'activité d'une offre (ROR), liste entière."
* insert NationalValues([[https://mos.esante.gouv.fr/NOS/JDV_J20-ChampActivite-ROR/FHIR/JDV-J20-ChampActivite-ROR]], [[20260330120000]], [[ANS, ans.fr.terminologies 1.12.0]])
* insert Oid(1.2.250.1.213.3.4.7)
* $TRE_R227#01 "Médecine, Chirurgie, Obstétrique (MCO)"
* $TRE_R227#02 "Soins Médicaux et de réadaptation (SMR)"
* $TRE_R227#03 "Psychiatrie (PSY)"
* $TRE_R227#04 "Médico-social (MS)"
* $TRE_R227#05 "Ville"
* $TRE_R227#06 "Social"
