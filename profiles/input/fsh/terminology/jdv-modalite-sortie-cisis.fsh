ValueSet: JdvModaliteSortieCisis
Id: jdv-modalite-sortie-cisis
Title: "Modalité de sortie (CI-SIS)"
Description: "Où va la personne à la fin d'un séjour, dans une lettre de liaison de sortie (ORG-074), liste entière."
* insert NationalValues([[https://smt.esante.gouv.fr/fhir/ValueSet/jdv-modalite-sortie-cisis]], [[20231114]], [[ANS, CI-SIS 3.0 : jeux de valeurs et exemple de PPS-PAERPA 2021.01]])
* insert Oid(1.2.250.1.213.1.1.5.74)
* $sct#160849004 "retour au domicile"
* $TRE_R66#109 "Etablissement de santé privé autorisé en SSR"
* $TRE_R66#127 "Hospitalisation à Domicile"
* $TRE_R66#500 "Etablissement d'hébergement pour personnes âgées dépendantes"
* $ta-asip#GEN-092.06.01 "Autre établissement de santé"
* $ta-asip#GEN-092.06.03 "Autre destination"
