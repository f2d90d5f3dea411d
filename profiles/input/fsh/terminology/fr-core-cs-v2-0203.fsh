CodeSystem: FrCoreCsV20203
Id: fr-core-cs-v2-0203
Title: "FR Core : types d'identifiant"
Description: "Types d'identifiants français de personnes, de professionnels et de structures, qui complètent la table HL7 0203."
* insert NationalCodes([[https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0203]], [[2.2.0]], [[Interop'Santé, hl7.fhir.fr.core 2.2.0]])
* ^count = 18
* ^caseSensitive = true
* #ADELI "N° ADELI"
* #RPPS "N° RPPS"
* #RPPSRG "N° RPPS Rang"
* #IDNPS "Identifiant National de Professionnel de Santé"
* #NNFRA "National Person Identifier where the FRA is the ISO table 3166 3-character (alphabetic) country code"
* #NDP "Identifiant du patient au Dossier Pharmaceutique"
* #INS-C "Identifiant National de Santé Calculé"
* #INS-NIA "NIR temporaire"
* #INS-NIR "NIR définitif"
* #INS-NIR-TEST "NIR TEST"
* #INS-NIR-DEMO "NIR DEMO"
* #FINEJ "FINESS d'entité juridique"
* #FINEG "FINESS d'entité géographique"
* #SIREN "Identification de l'organisation au SIREN"
* #SIRET "Identification de l'organisation au SIRET"
* #IDNST "Identification nationale de structure définie par l’ANS dans le CI_SIS"
* #INTRN "Identifiant interne"
* #EXTRN "Identifiant externe"

ValueSet: FrCoreVsPatientIdentifierType
Id: fr-core-vs-patient-identifier-type
Title: "FR Core : types d'identifiant d'une personne"
Description: "Types d'identifiant d'une personne prise en charge."
* insert NationalValues([[https://hl7.fr/ig/fhir/core/ValueSet/fr-core-vs-patient-identifier-type]], [[2.2.0]], [[Interop'Santé, hl7.fhir.fr.core 2.2.0]])
* $v2-0203#PPN "Passport number"
* $v2-0203#PN "Person number"
* $v2-0203#PI "Patient internal identifier"
* $v2-0203#RRI "Regional registry ID"
* $v2-0203#NH "National Health Plan Identifier"
* $fr-core-v2-0203#NNFRA "National Person Identifier where the FRA is the ISO table 3166 3-character (alphabetic) country code"
* $fr-core-v2-0203#NDP "Identifiant du patient au Dossier Pharmaceutique"
* $fr-core-v2-0203#INS-C "Identifiant National de Santé Calculé"
* $fr-core-v2-0203#INS-NIA "NIR temporaire"
* $fr-core-v2-0203#INS-NIR "NIR définitif"

ValueSet: FrCoreVsPractitionerIdentifierType
Id: fr-core-vs-practitioner-identifier-type
Title: "FR Core : types d'identifiant d'un professionnel"
Description: "Types d'identifiant d'un professionnel."
* insert NationalValues([[https://hl7.fr/ig/fhir/core/ValueSet/fr-core-vs-practitioner-identifier-type]], [[2.2.0]], [[Interop'Santé, hl7.fhir.fr.core 2.2.0]])
* $v2-0203#EI "Employee number"
* $fr-core-v2-0203#ADELI "N° ADELI"
* $fr-core-v2-0203#RPPS "N° RPPS"
* $fr-core-v2-0203#IDNPS "Identifiant National de Professionnel de Santé"
* $fr-core-v2-0203#INTRN "Identifiant interne"
* $TRE_G08#1 "Id cabinet ADELI/n° registre"
* $TRE_G08#3 "FINESS/n° de registre"
* $TRE_G08#4 "SIREN/n° de registre"
* $TRE_G08#5 "SIRET/n° de registre"
* $TRE_G08#6 "Id cabinet RPPS/n° de registre"

ValueSet: FrCoreVsOrganizationIdentifierType
Id: fr-core-vs-organization-identifier-type
Title: "FR Core : types d'identifiant d'une structure"
Description: "Types d'identifiant d'une structure."
* insert NationalValues([[https://hl7.fr/ig/fhir/core/ValueSet/fr-core-vs-organization-identifier-type]], [[2.2.0]], [[Interop'Santé, hl7.fhir.fr.core 2.2.0]])
* $fr-core-v2-0203#FINEJ "FINESS d'entité juridique"
* $fr-core-v2-0203#FINEG "FINESS d'entité géographique"
* $fr-core-v2-0203#SIREN "Identification de l'organisation au SIREN"
* $fr-core-v2-0203#SIRET "Identification de l'organisation au SIRET"
* $fr-core-v2-0203#IDNST "Identification nationale de structure définie par l’ANS dans le CI_SIS"
* $fr-core-v2-0203#INTRN "Identifiant interne"
* $fr-core-v2-0203#EXTRN "Identifiant externe"
* $fr-core-v2-0203#RPPSRG "N° RPPS Rang"
