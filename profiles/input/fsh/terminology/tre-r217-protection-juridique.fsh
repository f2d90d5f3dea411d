CodeSystem: TRE_R217_ProtectionJuridique
Id: TRE-R217-ProtectionJuridique
Title: "NOS : protection juridique"
Description: "Mesures de protection juridique exercées par un proche ou un mandataire."
* insert NationalCodes([[https://mos.esante.gouv.fr/NOS/TRE_R217-ProtectionJuridique/FHIR/TRE-R217-ProtectionJuridique]], [[20231215120000]], [[ANS, ans.fr.terminologies 1.10.0]])
* insert Oid(1.2.250.1.213.1.1.4.327)
* ^count = 3
* ^caseSensitive = false
* #TUTEUR "Tuteur"
* #CURATEUR "Curateur"
* #MSVG "Mandataire de sauvegarde"
