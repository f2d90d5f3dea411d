ValueSet: JDV_J04_XdsPracticeSettingCode_CISIS
Id: JDV-J04-XdsPracticeSettingCode-CISIS
Title: "JDV J04 : cadre de l'acte"
Description: "Cadre d'exercice où un document a été produit (XDS practiceSettingCode), liste entière."
* insert NationalValues([[https://mos.esante.gouv.fr/NOS/JDV_J04-XdsPracticeSettingCode-CISIS/FHIR/JDV-J04-XdsPracticeSettingCode-CISIS]], [[20240927120000]], [[ANS, ans.fr.terminologies 1.10.0]])
* insert Oid(1.2.250.1.213.1.1.5.467)
* $TRE_A00#EXP_PATIENT "Expression personnelle du patient"
* $TRE_A00#SNR "Service numérique référencé"
* $TRE_A01#AMBULATOIRE "Ambulatoire"
* $TRE_A01#AMO "Organisme d'assurance maladie obligatoire"
* $TRE_A01#DEPISTAGE "Dépistage"
* $TRE_A01#ESSMS "Etablissement ou Service Social ou Médico-Social"
* $TRE_A01#ETABLISSEMENT "Etablissement de santé"
* $TRE_A01#HAD "Hospitalisation à domicile"
* $TRE_A01#MAD "Maintien à domicile"
* $TRE_A01#PALLIATIF "Soins palliatifs"
* $TRE_A01#SAD "Soins à domicile"
* $TRE_A01#SAMU_SMUR "SAMU/SMUR"
