Extension: Delivery
Id: delivery
Title: "What became of what was sent"
Description: "One fact that followed on sending: delivered, filed by software, refused, read; when, and how it is known."
Context: Communication
* insert Metadata
* insert French([[Ce qu'est devenu un envoi]], [[Un fait qui a suivi l'envoi : remis, intégré, refusé, lu ; quand, et comment on le sait.]])
* extension contains
    step 1..1 and
    time 1..1 and
    evidence 1..1 and
    error 0..1
* extension[step].value[x] only code
* extension[step].valueCode 1..1
* extension[step].valueCode from DeliverySteps (required)
* extension[time].value[x] only dateTime
* extension[time].valueDateTime 1..1
* extension[evidence].value[x] only code
* extension[evidence].valueCode 1..1
* extension[evidence].valueCode from DeliveryEvidences (required)
* extension[error] ^short = "Why software refused it, e.g. the person is unknown there"
* extension[error].value[x] only CodeableConcept
* extension[error].valueCodeableConcept 1..1
