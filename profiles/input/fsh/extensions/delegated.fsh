Extension: Delegated
Id: delegated
Title: "Done in another profession's place"
Description: "True where a profession does an act of another one, as nurses do under a cooperation protocol (ASALEE); the protocol is then named."
Context: ActivityDefinition
* insert Metadata
* insert French([[Acte délégué]], [[Vrai quand une profession réalise l'acte d'une autre, comme les infirmières dans un protocole de coopération (ASALEE) ; le protocole est alors nommé.]])
* value[x] only boolean
* value[x] 1..1
