Profile: PasserelleConsentCareTeam
Parent: Consent
Id: passerelle-consent-care-team
Title: "Agreement to share"
Description: "That what is known of a person may be shared: presumed inside the care team once the person is informed, asked for outside of it, objected to, withdrawn."
* insert Metadata
* insert French([[Accord de partage]], [[Le partage des informations d'une personne : présumé dans l'équipe de soins une fois la personne informée, demandé hors de l'équipe, refusé, retiré.]])
* obeys pas-consent-care-team-1 and pas-consent-care-team-2 and pas-consent-care-team-3 and pas-consent-care-team-4 and pas-consent-care-team-5
* insert Agreement
* category.coding contains basis 1..1 MS
* insert AgreementCategory(basis, ConsentBasis, ConsentBases)

// What both agreements have.
RuleSet: Agreement
* status MS
* scope = $consentscope#patient-privacy
* category 1..1 MS
* category.coding ^slicing.discriminator.type = #value
* category.coding ^slicing.discriminator.path = "system"
* category.coding ^slicing.rules = #open
* category.coding contains document 1..1 MS
* category.coding[document].system 1..1
* category.coding[document].system = $loinc
* category.coding[document].code 1..1
* category.coding[document].code = #59284-0
* patient 1..1 MS
* patient only Reference(PasserellePatient)
* dateTime 1..1 MS
* performer MS
* performer only Reference(PasserellePatient or PasserelleRelatedPerson)
* organization MS
* organization only Reference(PasserelleOrganization)
* source[x] MS
* policy 1..* MS
* verification MS
* provision 1..1 MS
* provision.type 1..1 MS
* provision.period MS
* provision.actor MS

RuleSet: AgreementCategory(slice, system, valueSet)
* category.coding[{slice}] from {valueSet} (required)
* category.coding[{slice}].system 1..1
* category.coding[{slice}].system = Canonical({system})
* category.coding[{slice}].code 1..1

Invariant: pas-consent-care-team-1
Description: "An agreement outside the care team is given by the person or by who represents the person: name them in performer."
Severity: #error
Expression: "category.coding.where(system = 'https://passerelle.care/fhir/CodeSystem/consent-basis' and code = 'outside-care-team').exists() implies performer.exists()"
* insert InFrench([[Un accord hors de l’équipe de soins est donné par la personne ou son représentant : le nommer dans performer.]])

Invariant: pas-consent-care-team-2
Description: "An agreement outside the care team leaves a trace: give the signed form (source) or who verified it with the person (verification)."
Severity: #error
Expression: "category.coding.where(system = 'https://passerelle.care/fhir/CodeSystem/consent-basis' and code = 'outside-care-team').exists() implies (source.exists() or verification.where(verified = true).exists())"
* insert InFrench([[Un accord hors de l’équipe de soins laisse une trace : donner le formulaire signé (source) ou qui l’a vérifié (verification).]])

Invariant: pas-consent-care-team-3
Description: "An agreement outside the care team says with whom one may share: name them in provision.actor."
Severity: #error
Expression: "category.coding.where(system = 'https://passerelle.care/fhir/CodeSystem/consent-basis' and code = 'outside-care-team').exists() implies provision.actor.exists()"
* insert InFrench([[Un accord hors de l’équipe de soins dit avec qui partager : le nommer dans provision.actor.]])

Invariant: pas-consent-care-team-4
Description: "An objection to sharing (deny) is somebody's: name the person or the representative in performer."
Severity: #error
Expression: "(provision.where(type = 'deny').exists() and category.coding.where(code = 'inside-care-team').exists()) implies performer.exists()"
* insert InFrench([[Une opposition au partage (deny) vient de quelqu’un : nommer la personne ou son représentant dans performer.]])

Invariant: pas-consent-care-team-5
Description: "An agreement that was withdrawn (inactive) held until a day: give it in provision.period.end; from then on nothing is shared."
Severity: #error
Expression: "status = 'inactive' implies provision.period.end.exists()"
* insert InFrench([[Un accord retiré (inactive) a valu jusqu’à une date : la donner dans provision.period.end ; ensuite, plus rien n’est partagé.]])
