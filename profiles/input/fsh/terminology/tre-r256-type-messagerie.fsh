CodeSystem: TRE_R256_TypeMessagerie
Id: TRE-R256-TypeMessagerie
Title: "NOS : type de messagerie"
Description: "Type d'une messagerie électronique : MSSanté ou autre."
* insert NationalCodes([[https://mos.esante.gouv.fr/NOS/TRE_R256-TypeMessagerie/FHIR/TRE-R256-TypeMessagerie]], [[20231215120000]], [[ANS, ans.fr.terminologies 1.10.0]])
* insert Oid(1.2.250.1.213.3.3.54)
* ^count = 4
* ^caseSensitive = false
* #MSSANTE "MSSANTE"
* #APICRYPT "APICRYPT"
* #OSM "OSM"
* #AutreMessagerie "Messagerie électronique rassemblant des acteurs légitimes à l'utiliser"
