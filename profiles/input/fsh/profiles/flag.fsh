Profile: PasserelleFlag
Parent: Flag
Id: passerelle-flag
Title: "Alert"
Description: "What everyone of the circle should see first: an emergency stay, an exhausted carer, a need that nobody on the territory meets."
* insert Metadata
* insert French([[Alerte]], [[Ce que chacun du cercle doit voir d'abord : une hospitalisation en urgence, un aidant épuisé, un besoin auquel personne ne répond sur le territoire.]])
* obeys pas-flag-1 and pas-flag-2 and pas-flag-3
* status MS
* category 1..1 MS
* code MS
* code from Alerts (required)
* subject MS
* subject only Reference(PasserellePatient)
* period 1..1 MS
* period.start 1..1
* encounter MS
* author 1..1 MS

Invariant: pas-flag-1
Description: "An alert that is over (inactive) was so from a day on: give it in period.end."
Severity: #error
Expression: "status = 'inactive' implies period.end.exists()"
* insert InFrench([[Une alerte levée (inactive) l’est depuis une date : la donner dans period.end.]])

Invariant: pas-flag-2
Description: "The alert of an emergency stay names the stay: give it in encounter."
Severity: #error
Expression: "code.coding.where(system = 'https://passerelle.care/fhir/CodeSystem/alert' and code = 'emergency-stay').exists() implies encounter.exists()"
* insert InFrench([[L’alerte d’une hospitalisation en urgence nomme le séjour : le donner dans encounter.]])

Invariant: pas-flag-3
Description: "A need that nobody meets is counted by what it is: write it in code.text."
Severity: #error
Expression: "code.coding.where(system = 'https://passerelle.care/fhir/CodeSystem/alert' and code = 'unmet-need').exists() implies code.text.exists()"
* insert InFrench([[Un besoin sans réponse se compte par ce qu’il est : l’écrire dans code.text.]])
