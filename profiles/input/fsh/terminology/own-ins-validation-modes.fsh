ValueSet: InsValidationModes
Id: ins-validation-modes
Title: "Documents that validate an identity with INS"
Description: "The four documents of high trust that FR Core 2.2.0 takes for an identity with INS."
* insert Metadata
* insert French([[Pièces qui valident une identité avec INS]], [[Les quatre pièces à haut niveau de confiance que FR Core 2.2.0 admet pour une identité avec INS.]])
* $fr-core-mode-validation#PA "Passeport"
* $fr-core-mode-validation#CN "Carte nationale d'identité"
* $fr-core-mode-validation#AN "Extrait d'acte de naissance"
* $fr-core-mode-validation#LE "Livret de famille"
