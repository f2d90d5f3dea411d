// What $extract makes of each ticked box of the inclusion form: a problem as the requester tells it, which nobody has confirmed yet. A box is no diagnosis,
// so its code is the box, and its words those that were written beside "other".
Instance: inclusion-problem
InstanceOf: Condition
Usage: #inline
* extension[+].url = $template-context
* extension[=].valueExpression.name = "reason"
* extension[=].valueExpression.language = #text/fhirpath
* extension[=].valueExpression.expression = "answer.value"
* meta.profile insert FilledBy([['https://passerelle.care/fhir/StructureDefinition/passerelle-condition']])
* clinicalStatus = $condition-clinical#active
* verificationStatus = $condition-ver-status#unconfirmed
* category.coding[+] = $condition-category#problem-list-item
* category.coding[+].system = "https://passerelle.care/fhir/CodeSystem/problem-domain"
* category.coding[=].code insert FilledBy([[iif(code in ('severe-disease' | 'polypathology' | 'health-other'), 'medical', iif(code in ('loss-of-autonomy' | 'self-management-other'), 'autonomy', iif(code in ('cognitive-disorder' | 'mood-disorder' | 'behavioural-disorder' | 'addiction'), 'psychological', iif(code in ('difficulties-told-by-team' | 'many-emergency-visits' | 'repeated-stays' | 'use-of-care-other'), 'use-of-care', 'social'))))]])
* code.coding insert FilledBy([[%reason]])
* code.text insert FilledBy([[iif(code.endsWith('-other'), %resource.repeat(item).where(linkId = %reason.code + '-text').answer.value, display)]])
* subject insert FilledBy([[%resource.subject]])
* recordedDate insert FilledBy([[%resource.authored]])
* asserter.display insert FilledBy([[%resource.repeat(item).where(linkId = 'requester-name').answer.value]])
