Profile: PasserelleHealthcareService
Parent: HealthcareService
Id: passerelle-healthcare-service
Title: "Support service"
Description: "What a support structure offers: functions, who may come (age, place, condition, as data), communes and sectors covered, room and active file."
* insert Metadata
* insert French([[Service d'appui]], [[Ce qu'une structure d'appui propose : fonctions, public accueilli (âge, lieu, situation, sous forme de données), communes et secteurs couverts, capacité et file active.]])
* insert CompliesWith(https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-healthcare-service)
* obeys pas-healthcare-service-1
* extension contains Capacity named capacity 0..1 MS and CoveredArea named coveredArea 0..* MS
* identifier MS
* active 1..1 MS
* providedBy 1..1 MS
* providedBy only Reference(PasserelleOrganization)
* category ..1
* type 1..* MS
* type from SupportFunctions (required)
* specialty MS
* name 1..1 MS
* characteristic 1..* MS
* characteristic ^slicing.discriminator.type = #value
* characteristic ^slicing.discriminator.path = "coding.system"
* characteristic ^slicing.rules = #open
* characteristic contains careMode 1..1 MS
* characteristic[careMode] from JDV_J19_ModePriseEnCharge_ROR (required)
* characteristic[careMode].coding 1..1
* characteristic[careMode].coding.system 1..1
* characteristic[careMode].coding.system = $TRE_R213
* characteristic[careMode].coding.code 1..1
* insert Telecom
* telecom 1..*
* eligibility MS
* eligibility obeys pas-healthcare-service-2 and pas-healthcare-service-3
* eligibility.extension contains EligibilityValue named value 0..1 MS
* eligibility.code 1..1
* eligibility.code from EligibilityCriteria (required)
* eligibility.comment MS
* appointmentRequired MS
* availableTime MS

Invariant: pas-healthcare-service-1
Description: "A service tells where it works: give covered areas (commune, sector), a coverageArea or a location."
Severity: #error
Expression: "extension('https://passerelle.care/fhir/StructureDefinition/covered-area').exists() or coverageArea.exists() or location.exists()"
* insert InFrench([[Un service dit où il intervient : donner des zones couvertes (commune, secteur), une coverageArea ou un lieu.]])

Invariant: pas-healthcare-service-2
Description: "An age is a range of years: give eligibility-value as a Range with unit `a`."
Severity: #error
Expression: "code.coding.where(code = 'age').exists() implies extension('https://passerelle.care/fhir/StructureDefinition/eligibility-value').value.ofType(Range).exists(iif(low.exists(), low.code = 'a', true) and iif(high.exists(), high.code = 'a', true))"
* insert InFrench([[Un âge est une tranche d’années : donner eligibility-value en Range avec l’unité `a`.]])

Invariant: pas-healthcare-service-3
Description: "A limit in time is a Duration: give it as eligibility-value."
Severity: #error
Expression: "code.coding.where(code = 'duration').exists() implies extension('https://passerelle.care/fhir/StructureDefinition/eligibility-value').value.ofType(Duration).exists()"
* insert InFrench([[Une limite de temps est une durée : la donner dans eligibility-value (Duration).]])
