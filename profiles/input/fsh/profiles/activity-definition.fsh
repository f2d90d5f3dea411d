Profile: PasserelleActivityDefinition
Parent: ActivityDefinition
Id: passerelle-activity-definition
Title: "ActivityDefinition: one activity of a protocol"
Description: "What one profession does within a protocol: a task, a request, an appointment, a communication. It orders nothing by itself."
* insert Metadata
* insert French([[Activité d'un protocole]], [[Ce qu'une profession fait dans un protocole : une tâche, une demande, un rendez-vous, une transmission. Elle n'ordonne rien par elle-même.]])
* obeys pas-activity-definition-1 and pas-activity-definition-2 and pas-activity-definition-3
* extension contains Delegated named delegated 0..1 MS
* url 1..1 MS
* version 1..1 MS
* name 1..1 MS
* title 1..1 MS
* status MS
* description 1..1 MS
* relatedArtifact MS
* kind 1..1 MS
* kind from ActivityKinds (required)
* profile MS
* code 1..1 MS
* intent 1..1 MS
* intent from ProposingIntents (required)
* doNotPerform 0..0
* timing[x] MS
* participant 1..* MS
* participant.role 1..1 MS
* product[x] 0..0
* dosage 0..0

Invariant: pas-activity-definition-1
Description: "What is delegated names the cooperation protocol that allows it: add a relatedArtifact with its citation or url."
Severity: #error
Expression: "extension('https://passerelle.care/fhir/StructureDefinition/delegated').where(value = true).exists() implies relatedArtifact.where(citation.exists() or url.exists()).exists()"
* insert InFrench([[Ce qui est délégué nomme le protocole de coopération qui l’autorise : ajouter un `relatedArtifact` avec sa citation ou son adresse.]])

Invariant: pas-activity-definition-2
Description: "What is delegated is done by a professional: name a participant of type practitioner."
Severity: #error
Expression: "extension('https://passerelle.care/fhir/StructureDefinition/delegated').where(value = true).exists() implies participant.where(type = 'practitioner').exists()"
* insert InFrench([[Ce qui est délégué est fait par un professionnel : nommer un participant de type `practitioner`.]])

Invariant: pas-activity-definition-3
Description: "A code that nobody can read: give the code a text or a display."
Severity: #error
Expression: "code.text.exists() or code.coding.display.exists()"
* insert InFrench([[Un code que personne ne peut lire : lui donner un texte ou un libellé.]])
