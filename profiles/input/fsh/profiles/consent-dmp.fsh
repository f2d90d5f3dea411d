Profile: PasserelleConsentDmp
Parent: Consent
Id: passerelle-consent-dmp
Title: "Feeding and reading the national health record (DMP)"
Description: "Whether documents of the person go into the DMP (told, may object for a legitimate reason), and whether a structure may read it (presumed inside the care team, asked for outside)."
* insert Metadata
* insert French([[Alimentation et consultation du DMP]], [[Si les documents de la personne alimentent le DMP (information, opposition pour motif légitime), et si une structure peut le consulter (présumé dans l'équipe de soins, exprès en dehors).]])
* obeys pas-consent-dmp-1 and pas-consent-dmp-2 and pas-consent-dmp-3 and pas-consent-dmp-4 and pas-consent-dmp-5
* extension contains ObjectionReason named objectionReason 0..1 MS
* insert Agreement
* category.coding contains use 1..1 MS and basis 0..1 MS
* insert AgreementCategory(use, DmpUse, DmpUses)
* insert AgreementCategory(basis, ConsentBasis, ConsentBases)

Invariant: pas-consent-dmp-1
Description: "Who objects to feeding the DMP gives a legitimate reason: write it in objection-reason."
Severity: #error
Expression: "(provision.where(type = 'deny').exists() and category.coding.where(code = 'feeding').exists()) implies extension('https://passerelle.care/fhir/StructureDefinition/objection-reason').exists()"
* insert InFrench([[Qui s’oppose à l’alimentation du DMP donne un motif légitime : l’écrire dans objection-reason.]])

Invariant: pas-consent-dmp-2
Description: "Reading the DMP rests on the care team or on an explicit agreement: give the category of consent-basis."
Severity: #error
Expression: "category.coding.where(code = 'consultation').exists() implies category.coding.where(system = 'https://passerelle.care/fhir/CodeSystem/consent-basis').exists()"
* insert InFrench([[La consultation du DMP repose sur l’équipe de soins ou sur un accord exprès : donner la catégorie de consent-basis.]])

Invariant: pas-consent-dmp-3
Description: "Feeding the DMP rests on information, not on agreement: take the category of consent-basis out."
Severity: #error
Expression: "category.coding.where(code = 'feeding').exists() implies category.coding.where(system = 'https://passerelle.care/fhir/CodeSystem/consent-basis').empty()"
* insert InFrench([[L’alimentation du DMP repose sur l’information, non sur un accord : retirer la catégorie de consent-basis.]])

Invariant: pas-consent-dmp-4
Description: "Someone outside the care team reads the DMP with the person's agreement: name who gave it in performer."
Severity: #error
Expression: "category.coding.where(code = 'outside-care-team').exists() implies performer.exists()"
* insert InFrench([[Hors de l’équipe de soins, on consulte le DMP avec l’accord de la personne : nommer qui l’a donné dans performer.]])

Invariant: pas-consent-dmp-5
Description: "A permission to read the DMP is for somebody: name the structure or the professional in provision.actor."
Severity: #error
Expression: "(category.coding.where(code = 'consultation').exists() and provision.where(type = 'permit').exists()) implies provision.actor.exists()"
* insert InFrench([[Une autorisation de consulter le DMP est donnée à quelqu’un : nommer la structure ou le professionnel dans provision.actor.]])
