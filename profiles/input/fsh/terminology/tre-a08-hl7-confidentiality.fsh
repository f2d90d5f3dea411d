CodeSystem: TRE_A08_HL7Confidentiality
Id: TRE-A08-HL7Confidentiality
Title: "NOS : confidentialité HL7"
Description: "Niveaux de confidentialité."
* insert NationalCodes([[https://mos.esante.gouv.fr/NOS/TRE_A08-HL7Confidentiality/FHIR/TRE-A08-HL7Confidentiality]], [[20231215120000]], [[ANS, ans.fr.terminologies 1.10.0]])
* insert Oid(2.16.840.1.113883.5.25)
* ^count = 3
* ^caseSensitive = false
* #N "Normal"
* #R "Restreint"
* #V "Très restreint"
