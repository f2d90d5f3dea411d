Profile: PasserellePractitioner
Parent: Practitioner
Id: passerelle-practitioner
Title: "Professional"
Description: "A professional of care or of social work: by RPPS and IdNat_PS where there is one, else by the number that the employer gives."
* insert Metadata
* insert French([[Professionnel]], [[Un professionnel du soin ou du social : par son RPPS et son IdNat_PS s'il en a, sinon par le numéro que son employeur lui donne.]])
* insert CompliesWith(https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-practitioner)
* obeys pas-practitioner-1 and pas-practitioner-2
* identifier 1..* MS
* identifier ^slicing.discriminator.type = #pattern
* identifier ^slicing.discriminator.path = "system"
* identifier ^slicing.rules = #open
* identifier.system 1..1
* identifier.value 1..1
* identifier contains idNatPs 0..1 MS and rpps 0..1 MS and adeli 0..1
* identifier[idNatPs].type = $fr-core-v2-0203#IDNPS
* identifier[idNatPs].type 1..1
* identifier[idNatPs].system = $idnat-ps
* identifier[rpps].type = $fr-core-v2-0203#RPPS
* identifier[rpps].type 1..1
* identifier[rpps].system = $rpps
* identifier[adeli].type = $fr-core-v2-0203#ADELI
* identifier[adeli].type 1..1
* identifier[adeli].system = $adeli
* active MS
* name 1..* MS
* name.family 1..1
* name.prefix ..1
* insert Telecom
* qualification MS
* qualification.code from Professions (extensible)
* communication MS

Invariant: pas-practitioner-1
Description: "A professional without RPPS, IdNat_PS or ADELI is known by an employer's number: say in identifier.assigner who gives it."
Severity: #error
Expression: "identifier.exists() implies (identifier.where(system in ('https://rpps.esante.gouv.fr' | 'urn:oid:1.2.250.1.71.4.2.1' | 'https://adeli.esante.gouv.fr')).exists() or identifier.where(assigner.exists()).exists())"
* insert InFrench([[Un professionnel sans RPPS, IdNat_PS ni ADELI est connu par le numéro de son employeur : dire dans identifier.assigner qui le donne.]])

Invariant: pas-practitioner-2
Description: "An IdNat_PS that begins with 8 is 8 and the RPPS: correct the one or the other."
Severity: #error
Expression: "(identifier.where(system = 'https://rpps.esante.gouv.fr').exists() and identifier.where(system = 'urn:oid:1.2.250.1.71.4.2.1' and value.startsWith('8')).exists()) implies identifier.where(system = 'urn:oid:1.2.250.1.71.4.2.1').value.first() = '8' & identifier.where(system = 'https://rpps.esante.gouv.fr').value.first()"
* insert InFrench([[Un IdNat_PS qui commence par 8 est 8 suivi du RPPS : corriger l’un ou l’autre.]])
