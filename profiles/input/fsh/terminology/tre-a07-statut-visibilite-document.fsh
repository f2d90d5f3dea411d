CodeSystem: TRE_A07_StatutVisibiliteDocument
Id: TRE-A07-StatutVisibiliteDocument
Title: "NOS : visibilité d'un document"
Description: "À qui un document est masqué."
* insert NationalCodes([[https://mos.esante.gouv.fr/NOS/TRE_A07-StatutVisibiliteDocument/FHIR/TRE-A07-StatutVisibiliteDocument]], [[20231215120000]], [[ANS, ans.fr.terminologies 1.10.0]])
* insert Oid(1.2.250.1.213.1.1.4.13)
* ^count = 5
* ^caseSensitive = false
* #INVISIBLE_PATIENT "Non visible par le patient"
* #INVISIBLE_REPRESENTANTS_LEGAUX "Non visible par représentants légaux du patient"
* insert AlsoSaid(INVISIBLE_REPRESENTANTS_LEGAUX, [[Non visible par les représentants légaux du patient]])
* #MASQUE_PS "Masqué aux professionnels de santé"
* #MASQUE_PSOCIAL "Masqué aux professionnels du dom social"
* #MASQUE_PT "Masqué aux personnes tierces"
