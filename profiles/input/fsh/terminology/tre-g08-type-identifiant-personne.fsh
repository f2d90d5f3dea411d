CodeSystem: TRE_G08_TypeIdentifiantPersonne
Id: TRE-G08-TypeIdentifiantPersonne
Title: "NOS : type d'identifiant d'une personne"
Description: "Préfixe qui dit de quel registre vient l'identifiant national d'un professionnel."
* insert NationalCodes([[https://mos.esante.gouv.fr/NOS/TRE_G08-TypeIdentifiantPersonne/FHIR/TRE-G08-TypeIdentifiantPersonne]], [[20240329120000]], [[ANS, ans.fr.terminologies 1.10.0]])
* insert Oid(1.2.250.1.71.1.2.15)
* ^count = 11
* ^caseSensitive = false
* #0 "N° ADELI"
* #1 "Id Cabinet ADELI / N° de registre"
* #3 "FINESS / N° de registre"
* #4 "SIREN / N° de registre"
* #5 "SIRET / N° de registre"
* #6 "Id Cabinet RPPS / N° de registre"
* #8 "N° RPPS"
* #10 "Adresse MSSante"
* #30 "Identifiant de la situation opérationnelle connu par l'instance ROR"
