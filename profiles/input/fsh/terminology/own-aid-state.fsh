CodeSystem: AidState
Id: aid-state
Title: "Where an aid stands"
Description: "Asked, granted, refused, in place: each with its date; and a need that nothing meets is kept."
* insert Metadata
* insert French([[Où en est une aide]], [[Demandée, accordée, refusée, en place : chacune avec sa date ; un besoin sans réponse est conservé.]])
* ^caseSensitive = true
* insert Bilingual(asked, [[Demandée]], [[Asked]])
* insert Bilingual(granted, [[Accordée]], [[Granted]])
* insert Bilingual(refused, [[Refusée]], [[Refused]])
* insert Bilingual(in-place, [[En place]], [[In place]])
* insert Bilingual(ended, [[Terminée]], [[Ended]])
* insert Bilingual(unmet, [[Sans réponse sur le territoire]], [[Not met in the territory]])

ValueSet: AidStates
Id: aid-states
Title: "Where an aid stands: all codes"
Description: "All codes of AidState."
* insert Metadata
* insert French([[Où en est une aide : tous les codes]], [[Tous les codes de AidState.]])
* include codes from system AidState
