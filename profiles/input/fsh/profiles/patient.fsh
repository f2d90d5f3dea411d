Profile: PasserellePatient
Parent: Patient
Id: passerelle-patient
Title: "Person who is followed"
Description: "Who is helped: identifiers by their kinds, names by their use, how far the identity is to be trusted, where the person lives, who the general practitioner is."
* insert Metadata
* insert French([[Personne accompagnée]], [[La personne aidée : identifiants par nature, noms par usage, confiance accordée à l'identité, lieu de vie, médecin traitant.]])
* insert CompliesWith(https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient)
* obeys pas-patient-1 and pas-patient-2 and pas-patient-3
* extension contains FrCoreIdentityReliability named identityReliability 0..* MS
* extension[identityReliability].extension[identityStatus] MS
* extension[identityReliability].extension[identityStatus].value[x] from IdentityStatuses (required)
* extension contains $patient-birthPlace named birthPlace 0..1 MS
* insert AddressOf(extension[birthPlace].valueAddress)
* insert PatientIdentifiers
* name 1..* MS
* name ^slicing.discriminator.type = #value
* name ^slicing.discriminator.path = "use"
* name ^slicing.rules = #open
* name contains officialName 0..1 MS and usualName 0..* MS
* name[officialName].use 1..1
* name[officialName].use = #official
* name[officialName].family 1..1
* name[officialName].given 1..*
* name[officialName].extension contains FrCoreBirthListGivenName named birth-list-given-name 0..1 MS
* name[usualName].use 1..1
* name[usualName].use = #usual
* name.prefix ..1
* insert Telecom
* gender MS
* gender from InsGenders (required)
* birthDate MS
* insert AddressOf(address)
* contact MS
* contact obeys pas-patient-4
* communication MS
* generalPractitioner MS
* generalPractitioner only Reference(PasserellePractitioner or PasserellePractitionerRole or PasserelleOrganization)
* managingOrganization only Reference(PasserelleOrganization)

// The kinds of FR Core, told apart by type as there.
RuleSet: PatientIdentifiers
* identifier MS
* identifier ^slicing.discriminator.type = #value
* identifier ^slicing.discriminator.path = "type"
* identifier ^slicing.rules = #open
* identifier.value 1..1
* identifier contains PI 0..* MS and NSS 0..1 and INS-C 0..* and NDP 0..1 and RRI 0..*
* insert IdentifierKind(PI, usual, $v2-0203#PI "Patient internal identifier")
* identifier[PI].system 1..1
* insert IdentifierKind(NSS, official, $v2-0203#NH)
* identifier[NSS].system = $ins-nir
* insert IdentifierKind(INS-C, secondary, $fr-core-v2-0203#INS-C "Identifiant National de Santé Calculé")
* identifier[INS-C].system 1..1
* identifier[INS-C].system = $ins-c
* insert IdentifierKind(NDP, secondary, $fr-core-v2-0203#NDP "Identifiant du patient au Dossier Pharmaceutique")
* identifier[NDP].system 1..1
* identifier[NDP].system = $ndp
* insert IdentifierKind(RRI, secondary, $v2-0203#RRI "Regional registry ID")
* identifier[RRI].system 1..1

RuleSet: IdentifierKind(slice, use, type)
* identifier[{slice}].use 1..1
* identifier[{slice}].use = #{use}
* identifier[{slice}].type 1..1
* identifier[{slice}].type = {type}
* identifier[{slice}].value 1..1

Invariant: pas-patient-1
Description: "A doubtful (DOUT) or fictitious (FICT) identity is provisional: give it the status PROV, or take the attribute away once it is cleared up."
Severity: #error
Expression: "(extension('https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability').extension.value.ofType(Coding).code | extension('https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability').extension.value.ofType(CodeableConcept).coding.code).where($this in ('DOUT' | 'FICT')).empty() or extension('https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability').extension.where(url = 'identityStatus').value.ofType(Coding).code.where($this in ('VALI' | 'RECUP' | 'QUAL')).empty()"
* insert InFrench([[Une identité douteuse (DOUT) ou fictive (FICT) est provisoire : lui donner le statut PROV, ou lever l’attribut une fois le doute levé.]])

Invariant: pas-patient-2
Description: "An identity is not doubtful (DOUT) and fictitious (FICT) at once: keep the one that is meant."
Severity: #error
Expression: "(extension('https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability').extension.value.ofType(Coding).code | extension('https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability').extension.value.ofType(CodeableConcept).coding.code).where($this in ('DOUT' | 'FICT')).distinct().count() < 2"
* insert InFrench([[Une identité n’est pas à la fois douteuse (DOUT) et fictive (FICT) : garder celui qui convient.]])

Invariant: pas-patient-3
Description: "A matricule INS travels only with a qualified identity: tell the status (VALI of table 0445, or QUAL), or leave the matricule out."
Severity: #warning
Expression: "identifier.where(system in ('urn:oid:1.2.250.1.213.1.4.8' | 'urn:oid:1.2.250.1.213.1.4.9' | 'urn:oid:1.2.250.1.213.1.4.10' | 'urn:oid:1.2.250.1.213.1.4.11')).exists() implies extension('https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability').extension.where(url = 'identityStatus').value.ofType(Coding).where(code = 'QUAL' or (code = 'VALI' and system = 'https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0445')).exists()"
* insert InFrench([[Un matricule INS ne circule qu’avec une identité qualifiée : dire le statut (VALI de la table 0445, ou QUAL), ou retirer le matricule.]])

Invariant: pas-patient-4
Description: "A contact person can be reached: give a telephone, an e-mail or an address."
Severity: #error
Expression: "telecom.exists() or address.exists()"
* insert InFrench([[Une personne à contacter est joignable : donner un téléphone, un courriel ou une adresse.]])
