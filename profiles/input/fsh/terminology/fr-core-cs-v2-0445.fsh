CodeSystem: FrCoreCsV20445
Id: fr-core-cs-v2-0445
Title: "FR Core : fiabilité de l'identité (table 0445)"
Description: "Statut et attributs d'une identité tels que PAM France les transmet dans PID-32 ; FR Core jusqu'à 2.2.0."
* insert NationalCodes([[https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0445]], [[2.2.0]], [[Interop'Santé, hl7.fhir.fr.core 2.2.0]])
* ^count = 21
* ^caseSensitive = true
* #VIDE "Identité non encore qualifiée"
* #PROV "Identité provisoire"
* #VALI "Identité validée"
* #DOUB "Doublon"
* #DESA "Identité désactivée"
* #DPOT "Doublon potentiel"
* #DOUA "Doublon avéré"
* #COLP "Collision potentielle"
* #COLV "Collision avérée"
* #FILI "Filiation"
* #CACH "Identité cachée"
* #ANOM "Anonyme"
* #IDVER "Identité vérifiée par le patient"
* #RECD "Identité reçue d'un autre domaine"
* #IDRA "Identité rapprochée dans un autre domaine"
* #USUR "Identité usurpée"
* #HOMD "Homonyme détecté"
* #HOMA "Homonyme avéré"
* #INVA "Identité invalidée"
* #FICT "Identité fictive (Attribut d’identité « fictive »)"
* #DOUT "Identité douteuse (Attribut d’identité « douteuse »)"

ValueSet: FrCoreVsIdentityReliability
Id: fr-core-vs-identity-reliability
Title: "FR Core : fiabilité de l'identité"
Description: "Tous les codes de la table 0445."
* insert NationalValues([[https://hl7.fr/ig/fhir/core/ValueSet/fr-core-vs-identity-reliability]], [[2.2.0]], [[Interop'Santé, hl7.fhir.fr.core 2.2.0]])
* include codes from system https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0445
