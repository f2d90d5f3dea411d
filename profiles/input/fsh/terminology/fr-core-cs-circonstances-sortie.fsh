CodeSystem: FrCoreCsCirconstancesSortie
Id: fr-core-cs-circonstances-sortie
Title: "FR Core : circonstances de sortie"
Description: "Circonstances dans lesquelles un séjour hospitalier prend fin (table HL7 0112 de PAM France)."
* insert NationalCodes([[https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-circonstances-sortie]], [[2.2.0]], [[Interop'Santé, hl7.fhir.fr.core 2.2.0]])
* ^count = 14
* ^caseSensitive = true
* #2 "Mesure disciplinaire"
* #3 "Décision médicale"
* #4 "Contre avis médical"
* #5 "en attente d'examen"
* #6 "Convenance personnelle"
* #R "Essai (contexte psychiatrique)"
* #E "Evasion"
* #F "Fugue"
* #A "Absence ( < 12h)"
* #P "Permission ( <72h)"
* #S "Sortie avec programme de soins"
* #B "Départ vers MCO"
* #REO "Réorientation"
* #PSA "Patient parti sans attendre les soins"

ValueSet: FrCoreVsEncounterDischargeDisposition
Id: fr-core-vs-encounter-discharge-disposition
Title: "FR Core : circonstances et mode de sortie"
Description: "Circonstances de sortie françaises et dispositions de sortie de R4."
* insert NationalValues([[https://hl7.fr/ig/fhir/core/ValueSet/fr-core-vs-encounter-discharge-disposition]], [[2.2.0]], [[Interop'Santé, hl7.fhir.fr.core 2.2.0]])
* include codes from system $fr-core-circonstances
* include codes from system $discharge-disposition
