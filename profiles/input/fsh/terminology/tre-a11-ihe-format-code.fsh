CodeSystem: TRE_A11_IheFormatCode
Id: TRE-A11-IheFormatCode
Title: "NOS : formats de document d'IHE"
Description: "Formats de document d'IHE que le CI-SIS emploie."
* insert NationalCodes([[https://mos.esante.gouv.fr/NOS/TRE_A11-IheFormatCode/FHIR/TRE-A11-IheFormatCode]], [[20240426120000]], [[ANS, ans.fr.terminologies 1.10.0]])
* insert Oid(1.3.6.1.4.1.19376.1.2.3)
* ^count = 38
* ^caseSensitive = false
* #urn:ihe:iti:dsg:detached:2014 "Signature détachée"
* #urn:ihe:iti:dsg:enveloping:2014 "Document signé avec une signature enveloppante"
* #urn:ihe:iti:xds-sd:pdf:2008 "Document à corps non structuré en Pdf/A-1"
* #urn:ihe:iti:xds-sd:text:2008 "Document à corps non structuré en texte brut"
* #urn:ihe:iti-fr:xds-sd:jpeg:2010 "Document à corps non structuré en format jpeg"
* #urn:ihe:iti-fr:xds-sd:rtf:2010 "Document à corps non structuré en format rtf"
* #urn:ihe:iti-fr:xds-sd:tiff:2010 "Document à corps non structuré en format tiff"
* #urn:ihe:lab:xd-lab:2008 "Compte rendu structuré d'examens de biologie médicale"
* #urn:ihe:pcc:ips:2020 "Synthèse médicale"
* #urn:ihe:pharm:pre:2010 "Prescription de médicaments"
* #urn:ihe:eyecare:geneyeevalcn:2014 "Compte-rendu de consultation en ophtalmologie"
* insert AlsoSaid(urn:ihe:eyecare:geneyeevalcn:2014, [[CR de consultation en ophtalmologie]])
* #urn:ihe:rad:CDA:ImagingReportStructuredHeadings:2013 "Compte-rendu d'imagerie médicale"
* #urn:ihe:pharm:dis:2010 "Dispensation médicamenteuse"
* #urn:ihe:palm:apsr:2016 "CR d'anatomie et de cytologie pathologiques"
