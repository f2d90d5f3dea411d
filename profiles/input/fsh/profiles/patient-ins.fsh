Profile: PasserellePatientIns
Parent: PasserellePatient
Id: passerelle-patient-ins
Title: "Person with the national health identity (INS)"
Description: "A person whose identity is shared with other structures: the five traits of the INS, the status of the identity, and the matricule where the identity is qualified and only there."
* insert Metadata
* insert French([[Personne avec l'identité nationale de santé (INS)]], [[Une personne dont l'identité est partagée : les cinq traits de l'INS, le statut de l'identité et, seulement si elle est qualifiée, le matricule.]])
* insert CompliesWith(https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient-ins)
* obeys pas-patient-ins-1 and pas-patient-ins-2 and pas-patient-ins-3 and pas-patient-ins-5 and pas-patient-ins-6
* extension 2..*
* extension[identityReliability] 1..*
* extension[identityReliability].extension[identityStatus] 1..1
* extension[identityReliability].extension[validationMode].value[x] from InsValidationModes (required)
* extension[birthPlace] 1..1 MS
* extension[birthPlace].valueAddress.extension 1..*
* extension[birthPlace].valueAddress.extension[inseeCode] 1..1 MS
* identifier 1..*
* identifier contains INS-NIR 0..* MS and INS-NIA 0..* MS and INS-NIR-TEST 0..* and INS-NIR-DEMO 0..*
* insert Matricule(INS-NIR, official, $ins-nir)
* insert Matricule(INS-NIA, temp, $ins-nia)
* insert Matricule(INS-NIR-TEST, official, $ins-nir-test)
* insert Matricule(INS-NIR-DEMO, official, $ins-nir-demo)
* name[officialName] 1..1
* name[officialName] obeys pas-patient-ins-4
* name[officialName].given 1..1
* name[officialName].extension 1..*
* name[officialName].extension[birth-list-given-name] 1..1
* gender 1..1
* birthDate 1..1

RuleSet: Matricule(slice, use, system)
* insert IdentifierKind({slice}, {use}, $fr-core-v2-0203#{slice})
* identifier[{slice}].system 1..1
* identifier[{slice}].system = {system}

Invariant: pas-patient-ins-1
Description: "A qualified identity (VALI of table 0445, or QUAL) has its matricule INS: add it with its OID, or change the status."
Severity: #error
Expression: "extension('https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability').extension.where(url = 'identityStatus').value.ofType(Coding).where(code = 'QUAL' or (code = 'VALI' and system = 'https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0445')).exists() implies identifier.where(system in ('urn:oid:1.2.250.1.213.1.4.8' | 'urn:oid:1.2.250.1.213.1.4.9' | 'urn:oid:1.2.250.1.213.1.4.10' | 'urn:oid:1.2.250.1.213.1.4.11')).exists()"
* insert InFrench([[Une identité qualifiée (VALI de la table 0445, ou QUAL) a son matricule INS : l’ajouter avec son OID, ou changer le statut.]])

Invariant: pas-patient-ins-2
Description: "A matricule INS is sent with a qualified identity only: qualify the identity (VALI of table 0445, or QUAL) or take the matricule out."
Severity: #error
Expression: "identifier.where(system in ('urn:oid:1.2.250.1.213.1.4.8' | 'urn:oid:1.2.250.1.213.1.4.9' | 'urn:oid:1.2.250.1.213.1.4.10' | 'urn:oid:1.2.250.1.213.1.4.11')).exists() implies extension('https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability').extension.where(url = 'identityStatus').value.ofType(Coding).where(code = 'QUAL' or (code = 'VALI' and system = 'https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0445')).exists()"
* insert InFrench([[Un matricule INS n’est transmis qu’avec une identité qualifiée : qualifier l’identité (VALI de la table 0445, ou QUAL) ou retirer le matricule.]])

Invariant: pas-patient-ins-3
Description: "A person has one matricule INS in force, a NIR or a NIA: keep the one that the INSi service gave last."
Severity: #error
Expression: "identifier.where(system in ('urn:oid:1.2.250.1.213.1.4.8' | 'urn:oid:1.2.250.1.213.1.4.9' | 'urn:oid:1.2.250.1.213.1.4.10' | 'urn:oid:1.2.250.1.213.1.4.11')).count() <= 1"
* insert InFrench([[Une personne a un seul matricule INS en vigueur, NIR ou NIA : garder le dernier rendu par le téléservice INSi.]])

Invariant: pas-patient-ins-4
Description: "The list of birth given names begins with the first given name: correct the one or the other by the identity document."
Severity: #error
Expression: "(given.exists() and extension('https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient-birth-list-given-name').exists()) implies extension('https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient-birth-list-given-name').value.ofType(string).first().upper().replace('-', ' ').startsWith(given.first().upper().replace('-', ' '))"
* insert InFrench([[La liste des prénoms de naissance commence par le premier prénom : corriger l’un ou l’autre d’après la pièce d’identité.]])

Invariant: pas-patient-ins-5
Description: "The status QUAL tells by which document the identity was checked and when the INSi service was asked: give validationMode and dateCollection."
Severity: #error
Expression: "extension('https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability').where(extension.where(url = 'identityStatus').value.ofType(Coding).where(code = 'QUAL').exists()).all(extension.where(url = 'validationMode').exists() and extension.where(url = 'dateCollection').exists())"
* insert InFrench([[Le statut QUAL dit sur quelle pièce l’identité a été contrôlée et quand INSi a été interrogé : donner validationMode et dateCollection.]])

Invariant: pas-patient-ins-6
Description: "An identity with a matricule INS has a known birth place: 99999 (unknown) is not one; take the code that the INSi service gave."
Severity: #error
Expression: "identifier.where(system in ('urn:oid:1.2.250.1.213.1.4.8' | 'urn:oid:1.2.250.1.213.1.4.9' | 'urn:oid:1.2.250.1.213.1.4.10' | 'urn:oid:1.2.250.1.213.1.4.11')).exists() implies extension('http://hl7.org/fhir/StructureDefinition/patient-birthPlace').value.ofType(Address).extension('https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-address-insee-code').value.ofType(Coding).where(code = '99999').empty()"
* insert InFrench([[Une identité avec matricule INS a un lieu de naissance connu : 99999 (inconnu) n’en est pas un ; prendre le code rendu par INSi.]])
