// Canonical URLs by short names, one place for the whole guide.

// Our own
Alias: $sid = https://passerelle.care/fhir/sid
Alias: $broken-rule = https://passerelle.care/fhir/CodeSystem/broken-rule

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

// French code systems (NOS)
Alias: $TRE_G15 = https://mos.esante.gouv.fr/NOS/TRE_G15-ProfessionSante/FHIR/TRE-G15-ProfessionSante
Alias: $TRE_R38 = https://mos.esante.gouv.fr/NOS/TRE_R38-SpecialiteOrdinale/FHIR/TRE-R38-SpecialiteOrdinale
Alias: $TRE_R85 = https://mos.esante.gouv.fr/NOS/TRE_R85-RolePriseCharge/FHIR/TRE-R85-RolePriseCharge
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
Alias: $item-control = http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl
Alias: $item-control-codes = http://hl7.org/fhir/questionnaire-item-control
Alias: $orientation = http://hl7.org/fhir/StructureDefinition/questionnaire-choiceOrientation
Alias: $hidden = http://hl7.org/fhir/StructureDefinition/questionnaire-hidden
Alias: $ordinal = http://hl7.org/fhir/StructureDefinition/ordinalValue
Alias: $variable = http://hl7.org/fhir/StructureDefinition/variable
Alias: $calculated = http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression
Alias: $initial = http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-initialExpression
Alias: $enable-when-expression = http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-enableWhenExpression
Alias: $launch-context = http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-launchContext
Alias: $launch-contexts = http://hl7.org/fhir/uv/sdc/CodeSystem/launchContext
Alias: $requester-kind = https://passerelle.care/fhir/CodeSystem/requester-kind
Alias: $administrative-gender = http://hl7.org/fhir/administrative-gender
Alias: $item-population-context = http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-itemPopulationContext
