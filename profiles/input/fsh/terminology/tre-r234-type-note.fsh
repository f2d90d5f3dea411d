CodeSystem: TRE_R234_TypeNote
Id: TRE-R234-TypeNote
Title: "NOS : type de note"
Description: "Type d'une note de liaison."
* insert NationalCodes([[https://mos.esante.gouv.fr/NOS/TRE_R234-TypeNote/FHIR/TRE-R234-TypeNote]], [[20200424120000]], [[ANS, JDV_J23 (version de ce jeu de valeurs)]])
* ^caseSensitive = false
* #DEM-AVIS "Demande d'avis"
* #GEN "Note générale"
* #INST "Instruction"
* #INTERV "Note d'intervention"
* #OBS "Note d'observation"
