CodeSystem: TRE_A10_NomenclatureURN
Id: TRE-A10-NomenclatureURN
Title: "NOS : nomenclature URN"
Description: "Signature électronique comme classe et format."
* insert NationalCodes([[https://mos.esante.gouv.fr/NOS/TRE_A10-NomenclatureURN/FHIR/TRE-A10-NomenclatureURN]], [[20231215120000]], [[ANS, ans.fr.terminologies 1.10.0]])
* ^count = 2
* ^caseSensitive = false
* #urn:oid:1.3.6.1.4.1.19376.1.2.1.1.1 "Digital Signature"
