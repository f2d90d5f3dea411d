ValueSet: JDV_J110_StatutVisibiliteDocument_CISIS
Id: JDV-J110-StatutVisibiliteDocument-CISIS
Title: "JDV J110 : visibilité d'un document"
Description: "À qui un document est masqué. La liste nationale n'a pas pu être lue : tous les codes de TRE_A07, dont elle est tirée."
* insert NationalValues([[https://mos.esante.gouv.fr/NOS/JDV_J110-StatutVisibiliteDocument-CISIS/FHIR/JDV-J110-StatutVisibiliteDocument-CISIS]], [[20231215120000]], [[ANS, TRE_A07 (ans.fr.terminologies 1.10.0)]])
* $TRE_A07#INVISIBLE_PATIENT "Non visible par le patient"
* $TRE_A07#INVISIBLE_REPRESENTANTS_LEGAUX "Non visible par représentants légaux du patient"
* $TRE_A07#MASQUE_PS "Masqué aux professionnels de santé"
* $TRE_A07#MASQUE_PSOCIAL "Masqué aux professionnels du dom social"
* $TRE_A07#MASQUE_PT "Masqué aux personnes tierces"
