ValueSet: ProtocolKinds
Id: protocol-kind
Title: "Kind of protocol"
Description: "A clinical protocol or an organisation of work; not an order set, which would prescribe."
* insert Metadata
* insert French([[Nature d'un protocole]], [[Un protocole clinique ou une organisation du travail ; pas un ensemble de prescriptions.]])
* http://terminology.hl7.org/CodeSystem/plan-definition-type#clinical-protocol
* http://terminology.hl7.org/CodeSystem/plan-definition-type#workflow-definition

ValueSet: ActivityKinds
Id: activity-kind
Title: "What an activity of a protocol becomes"
Description: "A task, a service request, an appointment or a communication: nothing that dispenses or prescribes medicines."
* insert Metadata
* insert French([[Ce que devient une activité d'un protocole]], [[Une tâche, une demande, un rendez-vous ou une transmission : rien qui prescrive un médicament.]])
* http://hl7.org/fhir/request-resource-types#Task
* http://hl7.org/fhir/request-resource-types#ServiceRequest
* http://hl7.org/fhir/request-resource-types#Appointment
* http://hl7.org/fhir/request-resource-types#CommunicationRequest

ValueSet: ProposingIntents
Id: proposing-intent
Title: "Intents that order nothing"
Description: "A protocol proposes or plans; a person orders."
* insert Metadata
* insert French([[Intentions qui n'ordonnent rien]], [[Un protocole propose ou prévoit ; c'est une personne qui demande.]])
* http://hl7.org/fhir/request-intent#proposal
* http://hl7.org/fhir/request-intent#plan
