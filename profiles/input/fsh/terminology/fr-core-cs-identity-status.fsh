CodeSystem: FrCoreCsIdentityStatus
Id: fr-core-cs-identity-status
Title: "FR Core : statut de confiance de l'identité"
Description: "Les quatre statuts de confiance du RNIV (EXI SI 07), qui s'excluent."
* insert NationalCodes([[https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-identity-status]], [[2.2.0]], [[Interop'Santé, hl7.fhir.fr.core après 2.2.0 (dépôt Interop-Sante/hl7.fhir.fr.core)]])
* ^count = 4
* ^caseSensitive = true
* #PROV "Identité provisoire"
* #VALI "Identité validée"
* #RECUP "Identité récupérée"
* #QUAL "Identité qualifiée"

ValueSet: FrCoreVsIdentityStatus
Id: fr-core-vs-identity-status
Title: "FR Core : statut de confiance de l'identité"
Description: "Les quatre statuts du RNIV."
* insert NationalValues([[https://hl7.fr/ig/fhir/core/ValueSet/fr-core-vs-identity-status]], [[2.2.0]], [[Interop'Santé, hl7.fhir.fr.core après 2.2.0 (dépôt Interop-Sante/hl7.fhir.fr.core)]])
* $fr-core-identity-status#PROV "Identité provisoire"
* $fr-core-identity-status#VALI "Identité validée"
* $fr-core-identity-status#RECUP "Identité récupérée"
* $fr-core-identity-status#QUAL "Identité qualifiée"
