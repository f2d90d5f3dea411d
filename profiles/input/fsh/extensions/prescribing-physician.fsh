Extension: PrescribingPhysician
Id: prescribing-physician
Title: "Prescribing physician"
Description: "The physician whom the HAS inclusion form (2014, annexe 4) asks for, when the requester is somebody else."
* insert Metadata
* insert French([[Médecin prescripteur]], [[Le médecin que demande la fiche d'inclusion de la HAS (2014, annexe 4), quand le demandeur est quelqu'un d'autre.]])
* ^context[+].type = #element
* ^context[=].expression = "ServiceRequest"
* value[x] only Reference(PasserellePractitionerRole or PasserellePractitioner)
* value[x] 1..1
