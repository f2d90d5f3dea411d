CodeSystem: WardRequestReason
Id: ward-request-reason
Title: "Why a ward asks"
Description: "Why a ward asks for support before discharge."
* insert Metadata
* insert French([[Motif de la demande d'un service]], [[Pourquoi un service demande un appui avant la sortie.]])
* ^caseSensitive = true
* insert Bilingual(fit-without-solution, [[Médicalement sortant sans solution]], [[Medically fit, no solution]])
* insert Bilingual(complex, [[Situation complexe]], [[Complex situation]])
* insert Bilingual(followed-admitted, [[Personne déjà suivie]], [[Person already followed]])

ValueSet: WardRequestReasons
Id: ward-request-reasons
Title: "Why a ward asks: all codes"
Description: "All codes of WardRequestReason."
* insert Metadata
* insert French([[Motif de la demande d'un service : tous les codes]], [[Tous les codes de WardRequestReason.]])
* include codes from system WardRequestReason
