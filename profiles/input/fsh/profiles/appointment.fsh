Profile: PasserelleAppointment
Parent: Appointment
Id: passerelle-appointment
Title: "Appointment: a visit, the structure's decision meeting, a case conference"
Description: "When and where people meet about a person, or about the requests that wait for a decision; follows FR Core."
* insert Metadata
* insert French([[Rendez-vous : visite, réunion de décision de la structure, RCP]], [[Quand et où l'on se rencontre pour une personne, ou au sujet des demandes qui attendent une décision ; suit FR Core.]])
* insert CompliesWith(https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-appointment)
* obeys pas-appointment-1 and pas-appointment-2 and pas-appointment-3 and pas-appointment-4 and pas-appointment-5
* status MS
* cancelationReason MS
* comment MS
* serviceType 1..1 MS
* serviceType from AppointmentKinds (required)
* serviceType ^short = "What people meet for"
* specialty from $fr-core-specialty (required)
* description MS
* supportingInformation MS
* start MS
* end MS
* basedOn MS
* basedOn only Reference(PasserelleReferral or PasserelleAidRequest or ServiceRequest)
* basedOn ^short = "The referral or aid that it is for; all requests that a decision meeting decides on"
* participant MS
* participant.actor 1..1 MS
* participant.actor only Reference(PasserellePatient or PasserelleRelatedPerson or PasserellePractitioner or PasserellePractitionerRole or PasserelleHealthcareService or Device or Location)
* participant.status MS

Invariant: pas-appointment-1
Description: "A visit or talk names the person whom it is for: add a participant whose actor is the Patient."
Severity: #error
Expression: "serviceType.coding.where(code = 'home-visit' or code = 'assessment-visit' or code = 'accompanied-appointment' or code = 'care-appointment' or code = 'telephone' or code = 'circle-meeting').exists() implies participant.actor.where(type = 'Patient' or reference.contains('Patient/') or reference.startsWith('urn:uuid:')).exists()"
* insert InFrench([[Une visite ou un entretien dit pour qui : ajouter la personne (Patient) aux participants.]])

Invariant: pas-appointment-2
Description: "A decision meeting says what it decides on: name the requests in basedOn."
Severity: #error
Expression: "serviceType.coding.where(code = 'decision-meeting').exists() implies basedOn.exists()"
* insert InFrench([[Une réunion de décision dit sur quoi elle décide : nommer les demandes dans `basedOn`.]])

Invariant: pas-appointment-3
Description: "Nobody meets alone: a meeting has at least two participants who are not the person."
Severity: #error
Expression: "serviceType.coding.where(code = 'decision-meeting' or code = 'multidisciplinary-meeting' or code = 'circle-meeting').exists() implies participant.where(actor.where(type = 'Patient' or reference.contains('Patient/')).empty()).count() >= 2"
* insert InFrench([[On ne se réunit pas seul : une réunion a au moins deux participants autres que la personne.]])

Invariant: pas-appointment-4
Description: "What was cancelled or missed says why: fill cancelationReason where it was cancelled, comment where nobody came (R4's app-4 allows no reason there)."
Severity: #error
Expression: "(status = 'cancelled' implies cancelationReason.exists()) and (status = 'noshow' implies comment.exists())"
* insert InFrench([[Ce qui est annulé ou manqué dit pourquoi : remplir `cancelationReason` si c’est annulé, `comment` si personne n’est venu (la règle app-4 de R4 n’y permet pas de motif).]])

Invariant: pas-appointment-5
Description: "The appointment ends before it starts: mend start or end."
Severity: #error
Expression: "(start.exists() and end.exists()) implies start <= end"
* insert InFrench([[Le rendez-vous finit avant de commencer : corriger `start` ou `end`.]])
