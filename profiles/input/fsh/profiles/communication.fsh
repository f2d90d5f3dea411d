Profile: PasserelleCommunication
Parent: Communication
Id: passerelle-communication
Title: "Communication: what was sent to one recipient, and what became of it"
Description: "Sent, delivered, filed, refused, read: different facts, each with its time and how it is known. One communication a recipient, so that each fact is of somebody."
* insert Metadata
* insert French([[Transmission : ce qui a été envoyé à un destinataire, et ce que c'est devenu]], [[Envoyé, remis, intégré, refusé, lu : des faits différents, chacun avec son heure et sa preuve. Une transmission par destinataire, pour que chaque fait soit celui de quelqu'un.]])
* obeys pas-communication-1 and pas-communication-2 and pas-communication-3 and pas-communication-4 and pas-communication-5 and pas-communication-6 and pas-communication-7
* extension contains Delivery named delivery 0..* MS
* identifier MS
* identifier ^short = "Message-ID of the mail, id of the exchange"
* basedOn MS
* partOf MS
* status MS
* statusReason MS
* medium 1..1 MS
* medium from CommunicationChannels (required)
* subject 1..1 MS
* subject only Reference(PasserellePatient)
* topic 1..1 MS
* topic from CommunicationTopics (required)
* about MS
* about ^short = "The plan, stay or request that it is about"
* sent MS
* received MS
* received ^short = "When it arrived: the first delivery step that is no refusal"
* recipient 1..1 MS
* recipient only Reference(PasserellePatient or PasserelleRelatedPerson or PasserellePractitioner or PasserellePractitionerRole or PasserelleOrganization or PasserelleHealthcareService or Device)
* sender 1..1 MS
* sender only Reference(PasserellePatient or PasserelleRelatedPerson or PasserellePractitioner or PasserellePractitionerRole or PasserelleOrganization or PasserelleHealthcareService or Device)
* payload 1..* MS

Invariant: pas-communication-1
Description: "An MDN or the transport never proves reading: a step read needs evidence application or person; an MDN shows integrated or refused."
Severity: #error
Expression: "extension('https://passerelle.care/fhir/StructureDefinition/delivery').where(extension('step').value = 'read').all(extension('evidence').where(value = 'application' or value = 'person').exists())"
* insert InFrench([[Un MDN ou le transport ne prouve jamais la lecture : une étape `read` a pour preuve `application` ou `person` ; un MDN montre `integrated` ou `refused`.]])

Invariant: pas-communication-2
Description: "What is completed was sent: give sent, the time at which it left."
Severity: #error
Expression: "status = 'completed' implies sent.exists()"
* insert InFrench([[Ce qui est terminé a été envoyé : donner dans `sent` l’heure du départ.]])

Invariant: pas-communication-3
Description: "A delivery step comes before the sending: mend sent or the step's time."
Severity: #error
Expression: "extension('https://passerelle.care/fhir/StructureDefinition/delivery').extension('time').value.where($this < %resource.sent).empty()"
* insert InFrench([[Une étape précède l’envoi : corriger `sent` ou l’heure de l’étape.]])

Invariant: pas-communication-4
Description: "received and the delivery steps disagree: give received exactly when a step says delivered, integrated or read."
Severity: #error
Expression: "received.exists() = extension('https://passerelle.care/fhir/StructureDefinition/delivery').where(extension('step').where(value = 'refused').empty()).exists()"
* insert InFrench([[`received` et les étapes se contredisent : donner `received` si et seulement si une étape dit remis, intégré ou lu.]])

Invariant: pas-communication-5
Description: "A refusal says why: add the error of the step, such as the person being unknown to the recipient."
Severity: #error
Expression: "extension('https://passerelle.care/fhir/StructureDefinition/delivery').where(extension('step').value = 'refused').all(extension('error').exists())"
* insert InFrench([[Un refus dit pourquoi : ajouter à l’étape son `error`, par exemple que le destinataire ne connaît pas la personne.]])

Invariant: pas-communication-6
Description: "What was not sent or was stopped says why: fill statusReason."
Severity: #error
Expression: "(status = 'not-done' or status = 'stopped') implies statusReason.exists()"
* insert InFrench([[Ce qui n’a pas été envoyé ou a été arrêté dit pourquoi : remplir `statusReason`.]])

Invariant: pas-communication-7
Description: "A plan, an answer or a stay that is told of is named: add it to about."
Severity: #error
Expression: "topic.coding.where(code = 'plan-for-validation' or code = 'plan-copy' or code = 'referral-answer' or code = 'admission' or code = 'discharge').exists() implies about.exists()"
* insert InFrench([[Le plan, la réponse ou le séjour dont il est question est nommé : l’ajouter à `about`.]])
