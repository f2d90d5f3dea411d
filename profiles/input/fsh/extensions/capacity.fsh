Extension: Capacity
Id: capacity
Title: "Room and active file"
Description: "How many persons a service or a coordinator follows on a day, how many at most, and whether new ones are taken."
* insert Metadata
* insert French([[Capacité et file active]], [[Combien de personnes un service ou un coordonnateur suit un jour donné, combien au plus, et si de nouvelles demandes sont acceptées.]])
* ^context[0].type = #element
* ^context[=].expression = "HealthcareService"
* ^context[+].type = #element
* ^context[=].expression = "PractitionerRole"
* obeys pas-capacity-1
* extension contains accepting 1..1 MS and activeFile 0..1 MS and maximum 0..1 MS and asOf 1..1 MS
* extension[accepting].value[x] 1..1
* extension[accepting].value[x] only boolean
* extension[accepting] ^short = "Are new persons taken?"
* extension[activeFile].value[x] 1..1
* extension[activeFile].value[x] only unsignedInt
* extension[activeFile] ^short = "Persons followed on that day"
* extension[maximum].value[x] 1..1
* extension[maximum].value[x] only positiveInt
* extension[maximum] ^short = "Persons followed at most"
* extension[asOf].value[x] 1..1
* extension[asOf].value[x] only date
* extension[asOf] ^short = "The day that this was counted"

Invariant: pas-capacity-1
Description: "Where the active file has reached its maximum no new person is taken: set accepting to false, or raise the maximum."
Severity: #error
Expression: "(extension.where(url = 'activeFile').value.exists() and extension.where(url = 'maximum').value.exists() and extension.where(url = 'activeFile').value.ofType(unsignedInt) >= extension.where(url = 'maximum').value.ofType(positiveInt)) implies extension.where(url = 'accepting').value.ofType(boolean) = false"
* insert InFrench([[Quand la file active atteint son maximum, aucune nouvelle personne n’est acceptée : mettre accepting à faux, ou relever le maximum.]])
