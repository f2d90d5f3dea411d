Extension: Agreement
Id: agreement
Title: "Agreement that comes first"
Description: "Whose agreement was asked, what was answered and when: the person's before anybody contacts her, the general practitioner's before inclusion."
* insert Metadata
* insert French([[Accord préalable]], [[À qui l'accord a été demandé, la réponse et sa date : la personne avant tout contact, le médecin traitant avant l'inclusion.]])
* ^context[+].type = #element
* ^context[=].expression = "ServiceRequest"
* ^context[+].type = #element
* ^context[=].expression = "Task"
* obeys pas-agreement-1
* extension contains party 1..1 and outcome 1..1 and date 1..1 and recordedBy 0..1
* extension[party].value[x] only code
* extension[party].value[x] 1..1
* extension[party].valueCode from AgreementParties (required)
* extension[outcome].value[x] only code
* extension[outcome].value[x] 1..1
* extension[outcome].valueCode from AgreementOutcomes (required)
* extension[date].value[x] only date
* extension[date].value[x] 1..1
* extension[recordedBy].value[x] only Reference(PasserellePractitionerRole or PasserellePractitioner)

Invariant: pas-agreement-1
Description: "Only a general practitioner can be missing: `no-general-practitioner` goes with the party `general-practitioner`; give the person's own answer as asked, agreed or refused."
Severity: #error
Expression: "extension.where(url = 'outcome' and value = 'no-general-practitioner').exists() implies extension.where(url = 'party' and value = 'general-practitioner').exists()"
* insert InFrench([[Seul un médecin traitant peut manquer : `no-general-practitioner` va avec la partie `general-practitioner` ; donner la réponse de la personne elle-même : demandé, accepté ou refusé (asked, agreed, refused).]])

Invariant: pas-agreement-2
Description: "Each party has one answer, the last: of two agreements of the same party take out the earlier, which the history keeps."
Severity: #error
Expression: "extension.where(url = 'https://passerelle.care/fhir/StructureDefinition/agreement').extension.where(url = 'party').value.isDistinct()"
* insert InFrench([[Chacun n’a qu’une réponse, la dernière : de deux accords d’une même partie, retirer le plus ancien, que l’historique garde.]])
