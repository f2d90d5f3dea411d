ValueSet: JDV_J06_XdsClassCode_CISIS
Id: JDV-J06-XdsClassCode-CISIS
Title: "JDV J06 : classe de document"
Description: "Classe d'un document (XDS classCode), liste entière."
* insert NationalValues([[https://mos.esante.gouv.fr/NOS/JDV_J06-XdsClassCode-CISIS/FHIR/JDV-J06-XdsClassCode-CISIS]], [[20230922120000]], [[ANS, ans.fr.terminologies 1.10.0]])
* insert Oid(1.2.250.1.213.1.1.5.462)
* $TRE_A03#10 "Compte rendu"
* $TRE_A03#11 "Synthèse"
* $TRE_A03#31 "Imagerie médicale"
* $TRE_A03#42 "Prescription"
* $TRE_A03#43 "Dispensation"
* $TRE_A03#44 "Plan de soins, protocole de soins"
* $TRE_A03#45 "Traitement administré"
* $TRE_A03#52 "Certificat, déclaration"
* $TRE_A03#60 "Données de remboursement"
* $TRE_A03#90 "Autres documents déposés par le patient"
* $TRE_A03#95 "Document de gestion"
* $TRE_A03#99 "Document technique"
* $TRE_A10#urn:oid:1.3.6.1.4.1.19376.1.2.1.1.1 "Digital Signature"
