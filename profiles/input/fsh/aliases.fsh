// Canonical URLs by short names, one place for the whole guide.

// Our own
Alias: $sid = https://passerelle.care/fhir/sid
Alias: $broken-rule = https://passerelle.care/fhir/CodeSystem/broken-rule

// Where stays end: PMSI, and our own
Alias: $discharge-destination = https://passerelle.care/fhir/CodeSystem/discharge-destination
Alias: $pmsi-discharge = https://passerelle.care/fhir/CodeSystem/pmsi-discharge
Alias: $pmsi-admission = https://passerelle.care/fhir/CodeSystem/pmsi-admission

// FHIR
Alias: $translation = http://hl7.org/fhir/StructureDefinition/translation
Alias: $complies-with = http://hl7.org/fhir/StructureDefinition/structuredefinition-compliesWithProfile
Alias: $loinc = http://loinc.org
Alias: $sct = http://snomed.info/sct
Alias: $v2-0203 = http://terminology.hl7.org/CodeSystem/v2-0203
Alias: $v3-ActCode = http://terminology.hl7.org/CodeSystem/v3-ActCode
Alias: $v3-RoleCode = http://terminology.hl7.org/CodeSystem/v3-RoleCode
Alias: $task-code = http://hl7.org/fhir/CodeSystem/task-code
Alias: $iso3166 = urn:iso:std:iso:3166
Alias: $consentscope = http://terminology.hl7.org/CodeSystem/consentscope
Alias: $patient-birthPlace = http://hl7.org/fhir/StructureDefinition/patient-birthPlace
Alias: $v3-DataOperation = http://terminology.hl7.org/CodeSystem/v3-DataOperation
Alias: $v3-DocumentCompletion = http://terminology.hl7.org/CodeSystem/v3-DocumentCompletion
Alias: $measure-population = http://terminology.hl7.org/CodeSystem/measure-population
Alias: $measure-scoring = http://terminology.hl7.org/CodeSystem/measure-scoring
Alias: $measure-improvement-notation = http://terminology.hl7.org/CodeSystem/measure-improvement-notation
Alias: $measure-type = http://terminology.hl7.org/CodeSystem/measure-type
Alias: $plan-definition-type = http://terminology.hl7.org/CodeSystem/plan-definition-type
Alias: $usage-context-type = http://terminology.hl7.org/CodeSystem/usage-context-type
Alias: $audit-entity-type = http://terminology.hl7.org/CodeSystem/audit-entity-type
Alias: $object-role = http://terminology.hl7.org/CodeSystem/object-role
Alias: $ucum = http://unitsofmeasure.org

// French identifiers (standards.md 2: FR Core)
Alias: $ins-nir = urn:oid:1.2.250.1.213.1.4.8
Alias: $ins-nia = urn:oid:1.2.250.1.213.1.4.9
Alias: $ins-nir-test = urn:oid:1.2.250.1.213.1.4.10
Alias: $ins-nir-demo = urn:oid:1.2.250.1.213.1.4.11
Alias: $ins-c = urn:oid:1.2.250.1.213.1.4.2
Alias: $idnat-ps = urn:oid:1.2.250.1.71.4.2.1
Alias: $idnat-struct = urn:oid:1.2.250.1.71.4.2.2
Alias: $rpps = https://rpps.esante.gouv.fr
Alias: $finess = https://finess.esante.gouv.fr
Alias: $sirene = https://sirene.fr
Alias: $fr-core-v2-0203 = https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0203
Alias: $ndp = urn:oid:1.2.250.1.176.1.2
Alias: $adeli = https://adeli.esante.gouv.fr
Alias: $oi = https://oi.esante.gouv.fr

// Code systems of FR Core, and others outside NOS
Alias: $fr-core-v2-0445 = https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0445
Alias: $fr-core-identity-status = https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-identity-status
Alias: $fr-core-mode-validation = https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-mode-validation-identity
Alias: $fr-core-identity-reliability = https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability
Alias: $fr-core-birth-list-given-name = https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient-birth-list-given-name
Alias: $fr-core-insee-code = https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-address-insee-code
Alias: $fr-core-email-type = https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-contact-point-email-type
Alias: $fr-core-estimated-discharge-date = https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-estimated-discharge-date
Alias: $fr-core-identity-comment = https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-identity-status-comment
Alias: $fr-core-method-collection = https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-method-collection
Alias: $fr-core-circonstances = https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-circonstances-sortie
Alias: $discharge-disposition = http://terminology.hl7.org/CodeSystem/discharge-disposition
Alias: $ta-asip = urn:oid:1.2.250.1.213.1.1.4.322
Alias: $serafin-ph = https://smt.esante.gouv.fr/terminologie-SERAFINPH

// Code systems of NOS that value sets list
Alias: $TRE_A00 = https://mos.esante.gouv.fr/NOS/TRE_A00-ProducteurDocNonPS/FHIR/TRE-A00-ProducteurDocNonPS
Alias: $TRE_A01 = https://mos.esante.gouv.fr/NOS/TRE_A01-CadreExercice/FHIR/TRE-A01-CadreExercice
Alias: $TRE_A03 = https://mos.esante.gouv.fr/NOS/TRE_A03-ClasseDocument/FHIR/TRE-A03-ClasseDocument
Alias: $TRE_A05 = https://mos.esante.gouv.fr/NOS/TRE_A05-TypeDocComplementaire/FHIR/TRE-A05-TypeDocComplementaire
Alias: $TRE_A06 = https://mos.esante.gouv.fr/NOS/TRE_A06-FormatCodeComplementaire/FHIR/TRE-A06-FormatCodeComplementaire
Alias: $TRE_A07 = https://mos.esante.gouv.fr/NOS/TRE_A07-StatutVisibiliteDocument/FHIR/TRE-A07-StatutVisibiliteDocument
Alias: $TRE_A08 = https://mos.esante.gouv.fr/NOS/TRE_A08-HL7Confidentiality/FHIR/TRE-A08-HL7Confidentiality
Alias: $TRE_A09 = https://mos.esante.gouv.fr/NOS/TRE_A09-DICOMuidRegistry/FHIR/TRE-A09-DICOMuidRegistry
Alias: $TRE_A10 = https://mos.esante.gouv.fr/NOS/TRE_A10-NomenclatureURN/FHIR/TRE-A10-NomenclatureURN
Alias: $TRE_A11 = https://mos.esante.gouv.fr/NOS/TRE_A11-IheFormatCode/FHIR/TRE-A11-IheFormatCode
Alias: $TRE_A12 = https://mos.esante.gouv.fr/NOS/TRE_A12-NomenclatureASTM/FHIR/TRE-A12-NomenclatureASTM
Alias: $TRE_G08 = https://mos.esante.gouv.fr/NOS/TRE_G08-TypeIdentifiantPersonne/FHIR/TRE-G08-TypeIdentifiantPersonne
Alias: $TRE_R02 = https://mos.esante.gouv.fr/NOS/TRE_R02-SecteurActivite/FHIR/TRE-R02-SecteurActivite
Alias: $TRE_R213 = https://mos.esante.gouv.fr/NOS/TRE_R213-ModePriseEnCharge/FHIR/TRE-R213-ModePriseEnCharge
Alias: $TRE_R217 = https://mos.esante.gouv.fr/NOS/TRE_R217-ProtectionJuridique/FHIR/TRE-R217-ProtectionJuridique
Alias: $TRE_R22 = https://mos.esante.gouv.fr/NOS/TRE_R22-GenreActivite/FHIR/TRE-R22-GenreActivite
Alias: $TRE_R227 = https://mos.esante.gouv.fr/NOS/TRE_R227-ChampActivite/FHIR/TRE-R227-ChampActivite
Alias: $TRE_R234 = https://mos.esante.gouv.fr/NOS/TRE_R234-TypeNote/FHIR/TRE-R234-TypeNote
Alias: $TRE_R256 = https://mos.esante.gouv.fr/NOS/TRE_R256-TypeMessagerie/FHIR/TRE-R256-TypeMessagerie
Alias: $TRE_R291 = https://mos.esante.gouv.fr/NOS/TRE_R291-AutreProfession/FHIR/TRE-R291-AutreProfession
Alias: $TRE_R66 = https://mos.esante.gouv.fr/NOS/TRE_R66-CategorieEtablissement/FHIR/TRE-R66-CategorieEtablissement

// French code systems (NOS)
Alias: $TRE_G15 = https://mos.esante.gouv.fr/NOS/TRE_G15-ProfessionSante/FHIR/TRE-G15-ProfessionSante
Alias: $TRE_R38 = https://mos.esante.gouv.fr/NOS/TRE_R38-SpecialiteOrdinale/FHIR/TRE-R38-SpecialiteOrdinale
Alias: $TRE_R85 = https://mos.esante.gouv.fr/NOS/TRE_R85-RolePriseCharge/FHIR/TRE-R85-RolePriseCharge
Alias: $TRE_R13 = https://mos.esante.gouv.fr/NOS/TRE_R13-CommuneOM/FHIR/TRE-R13-CommuneOM
Alias: $TRE_R94 = https://mos.esante.gouv.fr/NOS/TRE_R94-ProfessionSocial/FHIR/TRE-R94-ProfessionSocial
Alias: $TRE_R95 = https://mos.esante.gouv.fr/NOS/TRE_R95-UsagerTitre/FHIR/TRE-R95-UsagerTitre
Alias: $TRE_R216 = https://mos.esante.gouv.fr/NOS/TRE_R216-HL7RoleCode/FHIR/TRE-R216-HL7RoleCode
Alias: $TRE_R259 = https://mos.esante.gouv.fr/NOS/TRE_R259-HL7ParticipationFunction/FHIR/TRE-R259-HL7ParticipationFunction
Alias: $TRE_R260 = https://mos.esante.gouv.fr/NOS/TRE_R260-HL7RoleClass/FHIR/TRE-R260-HL7RoleClass

// Forms
Alias: $yes-no-unknown = https://passerelle.care/fhir/CodeSystem/yes-no-unknown
Alias: $screening-purpose = https://passerelle.care/fhir/CodeSystem/screening-purpose
Alias: $inclusion-reason = https://passerelle.care/fhir/CodeSystem/inclusion-reason
Alias: $scored-answer = https://passerelle.care/fhir/CodeSystem/scored-answer
Alias: $version-algorithm = http://hl7.org/fhir/StructureDefinition/artifact-versionAlgorithm
Alias: $item-control = http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl
Alias: $item-control-codes = http://hl7.org/fhir/questionnaire-item-control
Alias: $orientation = http://hl7.org/fhir/StructureDefinition/questionnaire-choiceOrientation
Alias: $hidden = http://hl7.org/fhir/StructureDefinition/questionnaire-hidden
Alias: $ordinal = http://hl7.org/fhir/StructureDefinition/ordinalValue
Alias: $variable = http://hl7.org/fhir/StructureDefinition/variable
Alias: $calculated = http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression
Alias: $initial = http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-initialExpression
Alias: $enable-when-expression = http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-enableWhenExpression
Alias: $condition-clinical = http://terminology.hl7.org/CodeSystem/condition-clinical
Alias: $condition-ver-status = http://terminology.hl7.org/CodeSystem/condition-ver-status
Alias: $condition-category = http://terminology.hl7.org/CodeSystem/condition-category
Alias: $template-extract = http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-templateExtract
Alias: $template-context = http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-templateExtractContext
Alias: $template-value = http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-templateExtractValue
Alias: $launch-context = http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-launchContext
Alias: $launch-contexts = http://hl7.org/fhir/uv/sdc/CodeSystem/launchContext
Alias: $requester-kind = https://passerelle.care/fhir/CodeSystem/requester-kind
Alias: $administrative-gender = http://hl7.org/fhir/administrative-gender
Alias: $item-population-context = http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-itemPopulationContext

Alias: $indicator = https://passerelle.care/fhir/CodeSystem/indicator

// Profiles and value sets of others
Alias: $fr-core-specialty = https://hl7.fr/ig/fhir/core/ValueSet/fr-core-vs-practitioner-specialty
Alias: $JDV_J02 = https://mos.esante.gouv.fr/NOS/JDV_J02-XdsHealthcareFacilityTypeCode-CISIS/FHIR/JDV-J02-XdsHealthcareFacilityTypeCode-CISIS
Alias: $JDV_J04 = https://mos.esante.gouv.fr/NOS/JDV_J04-XdsPracticeSettingCode-CISIS/FHIR/JDV-J04-XdsPracticeSettingCode-CISIS
Alias: $JDV_J06 = https://mos.esante.gouv.fr/NOS/JDV_J06-XdsClassCode-CISIS/FHIR/JDV-J06-XdsClassCode-CISIS
Alias: $JDV_J07 = https://mos.esante.gouv.fr/NOS/JDV_J07-XdsTypeCode-CISIS/FHIR/JDV-J07-XdsTypeCode-CISIS
Alias: $JDV_J08 = https://mos.esante.gouv.fr/NOS/JDV_J08-XdsConfidentialityCode-CISIS/FHIR/JDV-J08-XdsConfidentialityCode-CISIS
Alias: $JDV_J10 = https://mos.esante.gouv.fr/NOS/JDV_J10-XdsFormatCode-CISIS/FHIR/JDV-J10-XdsFormatCode-CISIS
