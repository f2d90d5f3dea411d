CodeSystem: FrCoreCsIdentityStatusComment
Id: fr-core-cs-identity-status-comment
Title: "FR Core : attributs de l'identité"
Description: "Attributs qui précisent le statut d'une identité (homonyme, douteuse, fictive, doublon...)."
* insert NationalCodes([[https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-identity-status-comment]], [[2.2.0]], [[Interop'Santé, hl7.fhir.fr.core après 2.2.0 (dépôt Interop-Sante/hl7.fhir.fr.core)]])
* insert Oid(2.16.840.1.113883.12.445)
* ^count = 19
* ^caseSensitive = true
* #VIDE "Identité non encore qualifiée"
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
* #INVA "Identité invalidée"
* #HOMA "Homonyme avéré (attribut d'identité homonyme)"
* #FICT "Identité fictive (attribut d'identité fictive)"
* #DOUT "Identité douteuse (attribut d'identité douteuse)"

ValueSet: FrCoreVsIdentityStatusComment
Id: fr-core-vs-identity-status-comment
Title: "FR Core : attributs de l'identité"
Description: "Tous les attributs."
* insert NationalValues([[https://hl7.fr/ig/fhir/core/ValueSet/fr-core-vs-identity-status-comment]], [[2.2.0]], [[Interop'Santé, hl7.fhir.fr.core après 2.2.0 (dépôt Interop-Sante/hl7.fhir.fr.core)]])
* $fr-core-identity-comment#VIDE "Identité non encore qualifiée"
* $fr-core-identity-comment#DOUB "Doublon"
* $fr-core-identity-comment#DESA "Identité désactivée"
* $fr-core-identity-comment#DPOT "Doublon potentiel"
* $fr-core-identity-comment#DOUA "Doublon avéré"
* $fr-core-identity-comment#COLP "Collision potentielle"
* $fr-core-identity-comment#COLV "Collision avérée"
* $fr-core-identity-comment#FILI "Filiation"
* $fr-core-identity-comment#CACH "Identité cachée"
* $fr-core-identity-comment#ANOM "Anonyme"
* $fr-core-identity-comment#IDVER "Identité vérifiée par le patient"
* $fr-core-identity-comment#RECD "Identité reçue d'un autre domaine"
* $fr-core-identity-comment#IDRA "Identité rapprochée dans un autre domaine"
* $fr-core-identity-comment#USUR "Identité usurpée"
* $fr-core-identity-comment#HOMD "Homonyme détecté"
* $fr-core-identity-comment#INVA "Identité invalidée"
* $fr-core-identity-comment#HOMA "Homonyme avéré (attribut d'identité homonyme)"
* $fr-core-identity-comment#FICT "Identité fictive (attribut d'identité fictive)"
* $fr-core-identity-comment#DOUT "Identité douteuse (attribut d'identité douteuse)"
