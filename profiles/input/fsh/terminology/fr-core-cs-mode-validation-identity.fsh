CodeSystem: FrCoreCsModeValidationIdentity
Id: fr-core-cs-mode-validation-identity
Title: "FR Core : pièce qui valide l'identité"
Description: "Pièce ou dispositif qui a permis de valider l'identité."
* insert NationalCodes([[https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-mode-validation-identity]], [[2.2.0]], [[Interop'Santé, hl7.fhir.fr.core 2.2.0]])
* ^count = 13
* ^caseSensitive = true
* #AN "Extrait d'acte de naissance"
* #CC "Carnet de circulation"
* #CE "Carte Européenne"
* #CM "Carte militaire"
* #CN "Carte nationale d'identité"
* #CS "Carte de séjour"
* #LE "Livret de famille"
* #PA "Passeport"
* #PC "Permis de conduire"
* #TC "Tiers de confiance"
* #DC "Document de Circulation pour étranger mineur"
* #AC "Acte de naissance + Carte vitale avec photo"
* #IE "Identification électronique EIDAS"

ValueSet: FrCoreVsModeValidationIdentity
Id: fr-core-vs-mode-validation-identity
Title: "FR Core : pièce qui valide l'identité"
Description: "Toutes les pièces et tous les dispositifs."
* insert NationalValues([[https://hl7.fr/ig/fhir/core/ValueSet/fr-core-vs-mode-validation-identity]], [[2.2.0]], [[Interop'Santé, hl7.fhir.fr.core 2.2.0]])
* include codes from system https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-mode-validation-identity
