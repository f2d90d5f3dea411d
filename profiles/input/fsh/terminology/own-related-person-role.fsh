ValueSet: RelatedPersonRoles
Id: related-person-roles
Title: "What someone close is to the person"
Description: "Of TRE_R260: carer, trusted person, guardian, whom to tell, who informs, who opens the rights."
* insert Metadata
* insert French([[Rôle du proche]], [[De la TRE_R260 : aidant, personne de confiance, responsable légal, personne à prévenir, informateur, ouvrant droit.]])
* $TRE_R260#CAREGIVER "Aidant"
* $TRE_R260#NOK "personne de confiance"
* $TRE_R260#QUAL "Personne de confiance"
* $TRE_R260#ECON "personne à prévenir en cas d'urgence"
* $TRE_R260#GUARD "Responsable légal"
* $TRE_R260#CON "Informateur"
* $TRE_R260#POLHOLD "Assuré ouvrant droit"
