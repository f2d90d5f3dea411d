Extension: EncounterMovement
Id: encounter-movement
Title: "What was said of a movement"
Description: "One word about a movement of a stay as the hospital sent it: admission, transfer, leave, discharge, what cancels or corrects one. A stay's status, class, period, places and end are computed from all of them."
* insert Metadata
* insert French([[Ce qui a été dit d'un mouvement]], [[Un message sur un mouvement du séjour, tel que l'établissement l'a envoyé : admission, mutation, permission, sortie, annulation ou correction. L'état du séjour est calculé à partir de tous.]])
* ^context.type = #element
* ^context.expression = "Encounter"
* extension contains identifier 0..1 and event 1..1 and originalEvent 0..1 and action 0..1 and recorded 0..1 and start 0..1 and admission 0..1 and discharge 0..1 and historic 0..1 and scope 0..1 and class 0..1 and place 0..1 and medicalWard 0..1 and nursingWard 0..1 and attending 0..* and disposition 0..1 and destination 0..1
* extension[identifier].value[x] only Identifier
* extension[identifier] ^short = "ZBE-1"
* extension[event].value[x] only code
* extension[event] ^short = "The event that brought it (MSH-9.2)"
* extension[originalEvent].value[x] only code
* extension[originalEvent] ^short = "The event of the movement that is cancelled or corrected (ZBE-6)"
* extension[action].value[x] only string
* extension[action] ^short = "INSERT, UPDATE or CANCEL (ZBE-4)"
* extension[recorded].value[x] only dateTime
* extension[recorded] ^short = "When the hospital recorded it (EVN-2): what is recorded last counts"
* extension[start].value[x] only dateTime
* extension[start] ^short = "When the movement happened (ZBE-2)"
* extension[admission].value[x] only dateTime
* extension[admission] ^short = "When the stay began (PV1-44)"
* extension[discharge].value[x] only dateTime
* extension[discharge] ^short = "When the stay ended (PV1-45)"
* extension[historic].value[x] only boolean
* extension[historic] ^short = "Told after the fact (ZBE-5)"
* extension[scope].value[x] only string
* extension[scope] ^short = "What the movement is about (ZBE-9)"
* extension[class].value[x] only Coding
* extension[class] ^short = "The class of the stay from then on (PV1-2)"
* extension[place].value[x] only Reference(Location)
* extension[place] ^short = "Bed or room (PV1-3)"
* extension[medicalWard].value[x] only Reference(Location)
* extension[medicalWard] ^short = "ZBE-7"
* extension[nursingWard].value[x] only Reference(Location)
* extension[nursingWard] ^short = "ZBE-8"
* extension[attending].value[x] only Reference(Practitioner)
* extension[attending] ^short = "Attending physician (PV1-7)"
* extension[disposition].value[x] only CodeableConcept
* extension[disposition] ^short = "How the stay ended (ZFM-2, ZFM-4, PV1-36)"
* extension[destination].value[x] only Reference(Organization)
* extension[destination] ^short = "Where the person went (PV1-37)"
