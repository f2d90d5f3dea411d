ValueSet: JdvModaliteEntreeCisis
Id: jdv-modalite-entree-cisis
Title: "Modalité d'entrée (CI-SIS)"
Description: "Comment la personne est entrée à l'hôpital, liste entière."
* insert NationalValues([[https://smt.esante.gouv.fr/fhir/ValueSet/jdv-modalite-entree-cisis]], [[20240910]], [[ANS, CI-SIS 3.0 : jeux de valeurs et exemple de PPS-PAERPA 2021.01]])
* insert Oid(1.2.250.1.213.1.1.5.73)
* $sct#183452005 "hospitalisation en urgence"
* $sct#8715000 "hospitalisation programmée"
* $sct#107724000 "transfert du patient"
* $ta-asip#GEN-092.06.07 "Autre modalité d'entrée"
