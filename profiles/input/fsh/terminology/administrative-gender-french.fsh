CodeSystem: AdministrativeGenderFrench
Id: administrative-gender-french
Title: "French words for the administrative genders"
Description: "A supplement: what forms show in French is then a right display."
* insert Metadata
* insert French([[Sexe administratif en français]], [[Un complément : ce que les formulaires montrent en français est alors un libellé juste.]])
* ^content = #supplement
* ^supplements = "http://hl7.org/fhir/administrative-gender"
* #male
  * ^designation[+].language = #fr
  * ^designation[=].value = "Masculin"
* #female
  * ^designation[+].language = #fr
  * ^designation[=].value = "Féminin"
* #other
  * ^designation[+].language = #fr
  * ^designation[=].value = "Autre"
* #unknown
  * ^designation[+].language = #fr
  * ^designation[=].value = "Inconnu"
