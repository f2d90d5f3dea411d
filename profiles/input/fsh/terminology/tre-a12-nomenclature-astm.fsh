CodeSystem: TRE_A12_NomenclatureASTM
Id: TRE-A12-NomenclatureASTM
Title: "NOS : nomenclature ASTM"
Description: "Document entier comme objet d'une signature."
* insert NationalCodes([[https://mos.esante.gouv.fr/NOS/TRE_A12-NomenclatureASTM/FHIR/TRE-A12-NomenclatureASTM]], [[20231215120000]], [[ANS, ans.fr.terminologies 1.10.0]])
* ^count = 1
* ^caseSensitive = false
* #E1762 "Full Document"
