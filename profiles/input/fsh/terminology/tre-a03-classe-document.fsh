CodeSystem: TRE_A03_ClasseDocument
Id: TRE-A03-ClasseDocument
Title: "NOS : classe de document"
Description: "Classes de documents."
* insert NationalCodes([[https://mos.esante.gouv.fr/NOS/TRE_A03-ClasseDocument/FHIR/TRE-A03-ClasseDocument]], [[20231215120000]], [[ANS, ans.fr.terminologies 1.10.0]])
* insert Oid(1.2.250.1.213.1.1.4.1)
* ^count = 12
* ^caseSensitive = false
* #10 "Compte rendu"
* #11 "Synthèse"
* #31 "Imagerie médicale"
* #42 "Prescription"
* #43 "Dispensation"
* #44 "Plan de soins, protocole de soins"
* #45 "Traitement administré"
* #52 "Certificat, déclaration"
* #60 "Données de remboursement"
* #90 "Autres documents déposés par le patient"
* #95 "Document de gestion"
* #99 "Document technique"
