Profile: PasserelleProvenance
Parent: Provenance
Id: passerelle-provenance
Title: "Provenance: who made, converted or validated something, and of which version"
Description: "Of a plan that the general practitioner validated, of resources made from a hospital's message, of what a form's answers gave."
* insert Metadata
* insert French([[Provenance : qui a créé, converti ou validé quoi, et quelle version]], [[D'un plan que le médecin traitant a validé, de ressources obtenues d'un message hospitalier, de ce que les réponses à un formulaire ont donné.]])
* obeys pas-provenance-1 and pas-provenance-2 and pas-provenance-3 and pas-provenance-4 and pas-provenance-5
* target MS
* occurred[x] MS
* recorded MS
* activity 1..1 MS
* activity from ProvenanceActivities (required)
* agent MS
* agent.type 1..1 MS
* agent.who MS
* agent.who only Reference(PasserellePatient or PasserelleRelatedPerson or PasserellePractitioner or PasserellePractitionerRole or PasserelleOrganization or Device)
* agent.onBehalfOf MS
* entity MS
* signature MS

Invariant: pas-provenance-1
Description: "A validation is a person's act: name a verifier or legal agent who is no device."
Severity: #error
Expression: "activity.coding.where(code = 'LA').exists() implies agent.where(type.coding.where(code = 'verifier' or code = 'legal').exists() and who.where(reference.contains('Device/')).empty()).exists()"
* insert InFrench([[Valider est l’acte d’une personne : nommer un agent `verifier` ou `legal` qui ne soit pas un logiciel.]])

Invariant: pas-provenance-2
Description: "What is validated is one version: point the target to it, as in CarePlan/ID/_history/VERSION."
Severity: #error
Expression: "activity.coding.where(code = 'LA').exists() implies target.all(reference.contains('/_history/'))"
* insert InFrench([[Ce qui est validé est une version : donner à la cible la forme `CarePlan/ID/_history/VERSION`.]])

Invariant: pas-provenance-3
Description: "What was converted or extracted names its source: add an entity with role source, the message or the answers."
Severity: #error
Expression: "activity.coding.where(code = 'converted' or code = 'extracted').exists() implies entity.where(role = 'source').exists()"
* insert InFrench([[Ce qui est converti ou extrait nomme sa source : ajouter une `entity` de rôle `source`, le message ou les réponses.]])

Invariant: pas-provenance-4
Description: "Software acts for somebody: give onBehalfOf, the structure or person who answers for it."
Severity: #error
Expression: "agent.where(who.where(reference.contains('Device/')).exists()).all(onBehalfOf.exists())"
* insert InFrench([[Un logiciel agit pour quelqu’un : donner dans `onBehalfOf` la structure ou la personne qui en répond.]])

Invariant: pas-provenance-5
Description: "It is recorded before it occurred: mend occurred or recorded."
Severity: #error
Expression: "occurred.ofType(dateTime).where($this > %resource.recorded).empty() and occurred.ofType(Period).end.where($this > %resource.recorded).empty()"
* insert InFrench([[L’enregistrement précède le fait : corriger `occurred` ou `recorded`.]])
