ValueSet: JDV_J08_XdsConfidentialityCode_CISIS
Id: JDV-J08-XdsConfidentialityCode-CISIS
Title: "JDV J08 : confidentialité d'un document"
Description: "Confidentialité et masquage d'un document (XDS confidentialityCode), liste entière."
* insert NationalValues([[https://mos.esante.gouv.fr/NOS/JDV_J08-XdsConfidentialityCode-CISIS/FHIR/JDV-J08-XdsConfidentialityCode-CISIS]], [[20200424120000]], [[ANS, ans.fr.terminologies 1.10.0]])
* insert Oid(1.2.250.1.213.1.1.5.463)
* $TRE_A08#N "Normal"
* $TRE_A08#R "Restreint"
* $TRE_A08#V "Très restreint"
* $TRE_A07#INVISIBLE_PATIENT "Non visible par le patient"
* $TRE_A07#INVISIBLE_REPRESENTANTS_LEGAUX "Non visible par les représentants légaux du patient"
* $TRE_A07#MASQUE_PS "Masqué aux professionnels de santé"
