CodeSystem: TRE_A00_ProducteurDocNonPS
Id: TRE-A00-ProducteurDocNonPS
Title: "NOS : producteur de document qui n'est pas un professionnel"
Description: "Le patient, un dispositif, un logiciel... auteur d'un document."
* insert NationalCodes([[https://mos.esante.gouv.fr/NOS/TRE_A00-ProducteurDocNonPS/FHIR/TRE-A00-ProducteurDocNonPS]], [[20240329120000]], [[ANS, ans.fr.terminologies 1.10.0]])
* insert Oid(1.2.250.1.213.1.1.4.6)
* ^count = 7
* ^caseSensitive = false
* #ALIM_AM "Alimentation auto à partir du SI de l'Ass Maladie"
* #DISPOSITIF "Dispositif médical"
* #EXP_PATIENT "Expression personnelle du patient"
* #SECRETARIAT_MEDICAL "Secrétariat médical"
* #AUTOMATE "Automate"
* #SNR "Service numérique référencé"
* #LOGICIEL_DUI "Logiciel de Dossier Usager Informatisé"
