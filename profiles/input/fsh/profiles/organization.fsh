Profile: PasserelleOrganization
Parent: Organization
Id: passerelle-organization
Title: "Structure"
Description: "A structure of care or of social work: legal entity, site, or a unit within it."
* insert Metadata
* insert French([[Structure]], [[Une structure sanitaire, sociale ou médico-sociale : entité juridique, site géographique, ou unité interne.]])
* insert CompliesWith(https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-organization)
* obeys pas-organization-1 and pas-organization-2 and pas-organization-3 and pas-organization-4
* identifier 1..* MS
* identifier ^slicing.discriminator[0].type = #pattern
* identifier ^slicing.discriminator[=].path = "system"
* identifier ^slicing.discriminator[+].type = #pattern
* identifier ^slicing.discriminator[=].path = "type"
* identifier ^slicing.rules = #open
* identifier.system 1..1
* identifier.value 1..1
* identifier contains idNatSt 0..1 MS and siren 0..1 MS and siret 0..1 MS and finessEJ 0..1 MS and finessEG 0..1 MS
* identifier[idNatSt].use = #official
* insert StructureIdentifier(idNatSt, IDNST, $idnat-struct)
* insert StructureIdentifier(siren, SIREN, $sirene)
* insert StructureIdentifier(siret, SIRET, $sirene)
* insert StructureIdentifier(finessEJ, FINEJ, $finess)
* insert StructureIdentifier(finessEG, FINEG, $finess)
* active MS
* type MS
* name 1..1 MS
* insert Telecom
* insert AddressOf(address)
* partOf MS
* partOf only Reference(PasserelleOrganization)

RuleSet: StructureIdentifier(slice, type, system)
* identifier[{slice}].type 1..1
* identifier[{slice}].type = $fr-core-v2-0203#{type}
* identifier[{slice}].system = {system}

Invariant: pas-organization-1
Description: "An IdNat_Struct that begins with 1 is 1 and the FINESS of the site (FINEG): correct the one or the other."
Severity: #error
Expression: "(identifier.where(system = 'urn:oid:1.2.250.1.71.4.2.2' and value.startsWith('1')).exists() and identifier.where(system = 'https://finess.esante.gouv.fr' and type.coding.where(code = 'FINEG').exists()).exists()) implies identifier.where(system = 'urn:oid:1.2.250.1.71.4.2.2').value.first() = '1' & identifier.where(system = 'https://finess.esante.gouv.fr' and type.coding.where(code = 'FINEG').exists()).value.first()"
* insert InFrench([[Un IdNat_Struct qui commence par 1 est 1 suivi du FINESS du site (FINEG) : corriger l’un ou l’autre.]])

Invariant: pas-organization-2
Description: "A SIRET begins with the SIREN of its legal entity: correct the one or the other."
Severity: #error
Expression: "(identifier.where(system = 'https://sirene.fr' and type.coding.where(code = 'SIREN').exists()).exists() and identifier.where(system = 'https://sirene.fr' and type.coding.where(code = 'SIRET').exists()).exists()) implies identifier.where(system = 'https://sirene.fr' and type.coding.where(code = 'SIRET').exists()).value.first().startsWith(identifier.where(system = 'https://sirene.fr' and type.coding.where(code = 'SIREN').exists()).value.first())"
* insert InFrench([[Un SIRET commence par le SIREN de son entité juridique : corriger l’un ou l’autre.]])

Invariant: pas-organization-3
Description: "A FINESS number is of a legal entity or of a site: where its kind is told, by the type FINEJ or FINEG."
Severity: #error
Expression: "identifier.where(system = 'https://finess.esante.gouv.fr' and type.exists()).all(type.coding.where(code = 'FINEJ' or code = 'FINEG').exists())"
* insert InFrench([[Un numéro FINESS est celui d’une entité juridique ou d’un site : si sa nature est dite, c’est par le type FINEJ ou FINEG.]])

Invariant: pas-organization-4
Description: "A unit without FINESS, SIREN, SIRET, IdNat_Struct or OI belongs to a structure that has one: name it in partOf."
Severity: #error
Expression: "identifier.exists() implies (identifier.where(system in ('https://finess.esante.gouv.fr' | 'https://sirene.fr' | 'urn:oid:1.2.250.1.71.4.2.2' | 'https://oi.esante.gouv.fr')).exists() or partOf.exists())"
* insert InFrench([[Une unité sans FINESS, SIREN, SIRET, IdNat_Struct ni OI appartient à une structure qui en a un : la nommer dans partOf.]])
