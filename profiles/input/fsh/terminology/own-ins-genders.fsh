ValueSet: InsGenders
Id: ins-genders
Title: "Genders of the INS"
Description: "The trait `sexe` as the INSi service gives it: M, F or I (unknown)."
* insert Metadata
* insert French([[Sexe de l'INS]], [[Le trait « sexe » tel que le téléservice INSi le donne : M, F ou I (indéterminé).]])
* http://hl7.org/fhir/administrative-gender#male
* http://hl7.org/fhir/administrative-gender#female
* http://hl7.org/fhir/administrative-gender#unknown
