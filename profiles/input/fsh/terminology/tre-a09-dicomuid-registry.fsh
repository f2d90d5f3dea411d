CodeSystem: TRE_A09_DICOMuidRegistry
Id: TRE-A09-DICOMuidRegistry
Title: "NOS : classes DICOM"
Description: "Références d'objets d'imagerie."
* insert NationalCodes([[https://mos.esante.gouv.fr/NOS/TRE_A09-DICOMuidRegistry/FHIR/TRE-A09-DICOMuidRegistry]], [[20231215120000]], [[ANS, ans.fr.terminologies 1.10.0]])
* insert Oid(1.2.840.10008.2.6.1)
* ^count = 2
* ^caseSensitive = false
* #1.2.840.10008.5.1.4.1.1.88.59 "Document Références d'objets d'un examen d'imagerie selon profil IHE RAD XDS-I"
