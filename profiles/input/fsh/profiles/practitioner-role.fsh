Profile: PasserellePractitionerRole
Parent: PractitionerRole
Id: passerelle-practitioner-role
Title: "Professional in a place"
Description: "What a professional is, and where: physicians and nurses as much as social workers and coordinators; how many persons a coordinator follows, and whether there is room."
* insert Metadata
* insert French([[Professionnel en situation d'exercice]], [[Ce qu'est un professionnel, et où : médecins et infirmiers autant que travailleurs sociaux et coordonnateurs ; la file active d'un coordonnateur et ses places.]])
* insert CompliesWith(https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-practitioner-role)
* obeys pas-practitioner-role-1 and pas-practitioner-role-2 and pas-practitioner-role-3 and pas-practitioner-role-4
* extension contains Capacity named capacity 0..1 MS
* identifier MS
* identifier.system 1..1
* identifier.value 1..1
* active 1..1 MS
* period MS
* practitioner MS
* practitioner only Reference(PasserellePractitioner)
* organization MS
* organization only Reference(PasserelleOrganization)
* code 1..* MS
* specialty MS
* specialty from Specialties (required)
* healthcareService MS
* healthcareService only Reference(PasserelleHealthcareService)
* insert Telecom
* availableTime MS
* notAvailable MS

Invariant: pas-practitioner-role-1
Description: "A role says what the professional is: add a code of TRE_G15, TRE_R94, TRE_R95 or TRE_R291 (profession) or of TRE_R85 (role)."
Severity: #error
Expression: "code.exists() implies code.coding.where(system in ('https://mos.esante.gouv.fr/NOS/TRE_G15-ProfessionSante/FHIR/TRE-G15-ProfessionSante' | 'https://mos.esante.gouv.fr/NOS/TRE_R94-ProfessionSocial/FHIR/TRE-R94-ProfessionSocial' | 'https://mos.esante.gouv.fr/NOS/TRE_R95-UsagerTitre/FHIR/TRE-R95-UsagerTitre' | 'https://mos.esante.gouv.fr/NOS/TRE_R291-AutreProfession/FHIR/TRE-R291-AutreProfession' | 'https://mos.esante.gouv.fr/NOS/TRE_R85-RolePriseCharge/FHIR/TRE-R85-RolePriseCharge')).exists()"
* insert InFrench([[Une situation d’exercice dit ce qu’est le professionnel : ajouter un code TRE_G15, TRE_R94, TRE_R95 ou TRE_R291 (profession) ou TRE_R85 (rôle).]])

Invariant: pas-practitioner-role-2
Description: "A coordinator (TRE_R85 301, 308, 309 or 330) works for a structure: name it in organization."
Severity: #error
Expression: "code.coding.where(system = 'https://mos.esante.gouv.fr/NOS/TRE_R85-RolePriseCharge/FHIR/TRE-R85-RolePriseCharge' and code in ('301' | '308' | '309' | '330')).exists() implies organization.exists()"
* insert InFrench([[Un coordonnateur (TRE_R85 301, 308, 309 ou 330) travaille pour une structure : la nommer dans organization.]])

Invariant: pas-practitioner-role-3
Description: "The codes 350, 352 and 369 of TRE_R85 were withdrawn on 28 March 2025: take 372 (home help) or another code in force."
Severity: #error
Expression: "code.coding.where(system = 'https://mos.esante.gouv.fr/NOS/TRE_R85-RolePriseCharge/FHIR/TRE-R85-RolePriseCharge' and code in ('350' | '352' | '369')).empty()"
* insert InFrench([[Les codes 350, 352 et 369 de la TRE_R85 ont été retirés le 28 mars 2025 : prendre 372 (aide à domicile) ou un autre code en vigueur.]])

Invariant: pas-practitioner-role-4
Description: "A role that has ended (active false) ended on a day: give it in period.end."
Severity: #error
Expression: "(active.exists() and active = false) implies period.end.exists()"
* insert InFrench([[Une situation d’exercice terminée (active à faux) l’est depuis une date : la donner dans period.end.]])
