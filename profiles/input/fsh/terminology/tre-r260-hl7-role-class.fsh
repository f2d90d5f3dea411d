CodeSystem: TRE_R260_HL7RoleClass
Id: TRE-R260-HL7RoleClass
Title: "NOS : rôles de l'entourage et des participants"
Description: "Rôles : personne à prévenir, personne de confiance, aidant, responsable légal..."
* insert NationalCodes([[https://mos.esante.gouv.fr/NOS/TRE_R260-HL7RoleClass/FHIR/TRE-R260-HL7RoleClass]], [[20240426120000]], [[ANS, ans.fr.terminologies 1.10.0]])
* insert Oid(2.16.840.1.113883.5.110)
* ^count = 10
* ^caseSensitive = false
* insert StatusProperty
* #ECON "personne à prévenir en cas d'urgence"
* #GUARD "Responsable légal"
* #QUAL "Personne de confiance"
* insert Deprecated(QUAL)
* #POLHOLD "Assuré ouvrant droit"
* #CON "Informateur"
* #CAREGIVER "Aidant"
* #PAT "aidé"
* #PROV "Professionnel de santé"
* #AGNT "Professionnel caractérisé par son rôle"
* #NOK "personne de confiance"
