ValueSet: FrCoreVsPractitionerSpecialty
Id: fr-core-vs-practitioner-specialty
Title: "FR Core : spécialité ordinale"
Description: "Toutes les spécialités de TRE_R38, telles que FR Core les demande."
* insert NationalValues([[https://hl7.fr/ig/fhir/core/ValueSet/fr-core-vs-practitioner-specialty]], [[2.2.0]], [[Interop'Santé, hl7.fhir.fr.core 2.2.0]])
* include codes from system $TRE_R38
