// Which statuses of an identity are understood: the four of RNIV (FR Core after 2.2.0) and the older table 0445 (FR Core 2.1.0, HL7 v2).
// Beware: VALI of table 0445 is a qualified identity; VALI of the four is checked against a document but not known to INSi.

ValueSet: IdentityStatuses
Id: identity-statuses
Title: "Statuses of an identity"
Description: "The four statuses of RNIV, and those of HL7 table 0445 as France has it."
* insert Metadata
* insert French([[Statuts de l'identité]], [[Les quatre statuts du RNIV et ceux de la table HL7 0445 française.]])
* $fr-core-identity-status#PROV "Identité provisoire"
* $fr-core-identity-status#VALI "Identité validée"
* $fr-core-identity-status#RECUP "Identité récupérée"
* $fr-core-identity-status#QUAL "Identité qualifiée"
* $fr-core-v2-0445#VIDE "Identité non encore qualifiée"
* $fr-core-v2-0445#PROV "Identité provisoire"
* $fr-core-v2-0445#VALI "Identité validée"
* $fr-core-v2-0445#DOUB "Doublon"
* $fr-core-v2-0445#DESA "Identité désactivée"
* $fr-core-v2-0445#DPOT "Doublon potentiel"
* $fr-core-v2-0445#DOUA "Doublon avéré"
* $fr-core-v2-0445#COLP "Collision potentielle"
* $fr-core-v2-0445#COLV "Collision avérée"
* $fr-core-v2-0445#FILI "Filiation"
* $fr-core-v2-0445#CACH "Identité cachée"
* $fr-core-v2-0445#ANOM "Anonyme"
* $fr-core-v2-0445#IDVER "Identité vérifiée par le patient"
* $fr-core-v2-0445#RECD "Identité reçue d'un autre domaine"
* $fr-core-v2-0445#IDRA "Identité rapprochée dans un autre domaine"
* $fr-core-v2-0445#USUR "Identité usurpée"
* $fr-core-v2-0445#HOMD "Homonyme détecté"
* $fr-core-v2-0445#HOMA "Homonyme avéré"
* $fr-core-v2-0445#INVA "Identité invalidée"
* $fr-core-v2-0445#FICT "Identité fictive (Attribut d’identité « fictive »)"
* $fr-core-v2-0445#DOUT "Identité douteuse (Attribut d’identité « douteuse »)"

ValueSet: QualifiedIdentityStatuses
Id: qualified-identity-statuses
Title: "Statuses with which the matricule INS travels"
Description: "An identity that was found by INSi and checked against a document of high trust."
* insert Metadata
* insert French([[Statuts avec lesquels le matricule INS circule]], [[Identité trouvée par le téléservice INSi et contrôlée sur un dispositif à haut niveau de confiance.]])
* $fr-core-identity-status#QUAL "Identité qualifiée"
* $fr-core-v2-0445#VALI "Identité validée"
