Profile: PasserelleCondition
Parent: Condition
Id: passerelle-condition
Title: "Problem"
Description: "A problem of the person that the plan addresses: a disease as much as isolation, precariousness or an exhausted carer."
* insert Metadata
* insert French([[Problème]], [[Un problème de la personne auquel le plan répond : une maladie autant que l'isolement, la précarité ou l'épuisement d'un aidant.]])
* obeys pas-condition-1 and pas-condition-2 and pas-condition-3
* clinicalStatus MS
* verificationStatus 1..1 MS
* category 1..1 MS
* category.coding ^slicing.discriminator.type = #value
* category.coding ^slicing.discriminator.path = "system"
* category.coding ^slicing.rules = #open
* category.coding contains domain 1..1 MS
* category.coding[domain] from ProblemDomains (required)
* category.coding[domain].system 1..1
* category.coding[domain].system = Canonical(ProblemDomain)
* category.coding[domain].code 1..1
* severity MS
* severity from ProblemSeverities (required)
* code 1..1 MS
* subject MS
* subject only Reference(PasserellePatient)
* onset[x] MS
* abatement[x] MS
* recordedDate 1..1 MS
* recorder MS
* asserter MS
* note MS

Invariant: pas-condition-1
Description: "An active problem is told by somebody: name who says so in asserter, or who wrote it down in recorder."
Severity: #error
Expression: "clinicalStatus.coding.where(code in ('active' | 'recurrence' | 'relapse')).exists() implies (asserter.exists() or recorder.exists())"
* insert InFrench([[Un problème actif est affirmé par quelqu’un : le nommer dans asserter, ou qui l’a noté dans recorder.]])

Invariant: pas-condition-2
Description: "People read a problem: give code.text, or a display beside the code."
Severity: #error
Expression: "code.exists() implies (code.text.exists() or code.coding.display.exists())"
* insert InFrench([[Un problème est lu par des personnes : donner code.text, ou un libellé à côté du code.]])

Invariant: pas-condition-3
Description: "A problem of a carer says who the carer is: name them in evidence.detail."
Severity: #error
Expression: "category.coding.where(system = 'https://passerelle.care/fhir/CodeSystem/problem-domain' and code = 'carer').exists() implies evidence.detail.exists()"
* insert InFrench([[Un problème d’aidant dit qui est l’aidant : le nommer dans evidence.detail.]])
