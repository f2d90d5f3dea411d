Profile: PasserelleRelatedPerson
Parent: RelatedPerson
Id: passerelle-related-person
Title: "Carer, trusted person, person to tell"
Description: "Someone close to the person: a carer, the trusted person who was named in writing, a legal guardian, whom to tell in an emergency."
* insert Metadata
* insert French([[Proche : aidant, personne de confiance, personne à prévenir]], [[Un proche de la personne : aidant, personne de confiance désignée par écrit, responsable légal, personne à prévenir en urgence.]])
* insert CompliesWith(https://interop.esante.gouv.fr/ig/fhir/cds/StructureDefinition/cds-fr-related-person)
* obeys pas-related-person-1 and pas-related-person-2
* identifier 1..1 MS
* identifier.system 1..1
* identifier.value 1..1
* active MS
* patient MS
* patient only Reference(PasserellePatient)
* relationship 1..* MS
* relationship ^slicing.discriminator.type = #value
* relationship ^slicing.discriminator.path = "coding.system"
* relationship ^slicing.rules = #open
* relationship contains Role 1..1 MS and RelationType 0..1 MS
* relationship[Role] from RelatedPersonRoles (required)
* relationship[Role].coding 1..1
* relationship[Role].coding.system 1..1
* relationship[Role].coding.system = $TRE_R260
* relationship[RelationType].coding 1..1
* relationship[RelationType].coding.system 1..1
* relationship[RelationType].coding.system = $TRE_R216
* name 1..1 MS
* name.family 1..1
* name.given ..1
* name.prefix ..1
* insert Telecom
* telecom 1..*
* insert AddressOf(address)
* period MS
* communication MS

Invariant: pas-related-person-1
Description: "A trusted person is named in writing on a day: give it in period.start."
Severity: #error
Expression: "relationship.coding.where(system = 'https://mos.esante.gouv.fr/NOS/TRE_R260-HL7RoleClass/FHIR/TRE-R260-HL7RoleClass' and (code = 'NOK' or code = 'QUAL')).exists() implies period.start.exists()"
* insert InFrench([[Une personne de confiance est désignée par écrit à une date : la donner dans period.start.]])

Invariant: pas-related-person-2
Description: "Someone who is no longer there for the person (active false) was so until a day: give it in period.end."
Severity: #error
Expression: "(active.exists() and active = false) implies period.end.exists()"
* insert InFrench([[Un proche qui n’est plus là (active à faux) l’a été jusqu’à une date : la donner dans period.end.]])
