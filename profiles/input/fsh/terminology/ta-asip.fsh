CodeSystem: TaAsip
Id: ta-asip
Title: "TA_ASIP : terminologie du CI-SIS"
Description: "Codes du CI-SIS dont la coordination a besoin : problèmes, statut et contenu du PPS-PAERPA, modalités d'entrée et de sortie."
* insert NationalCodes([[urn:oid:1.2.250.1.213.1.1.4.322]], [[3.0]], [[ANS, CI-SIS 3.0 : jeux de valeurs et exemple de PPS-PAERPA 2021.01]])
* ^caseSensitive = true
* #GEN-065 "Statut du document"
* #GEN-068 "Validé"
* #GEN-092.01.01 "Autre problème"
* #GEN-092.06.01 "Autre établissement de santé"
* #GEN-092.06.03 "Autre destination"
* #GEN-092.06.07 "Autre modalité d'entrée"
* #MED-056 "Problèmes liés aux médicaments"
* #MED-057 "Problème de mobilité"
* #MED-058 "Isolement"
* #MED-059 "Précarité"
* #MED-060 "Incapacité dans les activités de base de la vie quotidienne"
* #MED-061 "Troubles nutritionnels / difficulté à avoir une alimentation adaptée"
* #MED-062 "Difficulté à prendre soin de soi"
* #MED-063 "Troubles de l'humeur"
* #MED-320 "Affection longue durée (ALD)"
* #ORG-009 "Prise en charge médicale"
* #ORG-010 "Prise en charge sociale"
* #ORG-011 "Organisation du suivi"
* #ORG-012 "Bilan d'étape"
* #ORG-013 "Recherche d'hébergement en cours"
* #ORG-014 "Actions dont ETP"
* #ORG-074 "Modalité de sortie"
* #PAT-001 "Caisse de retraite"
* #PAT-002 "Mutuelle"
* #PAT-003 "Pension"
* #PAT-004 "Pension de réversion"
* #PAT-005 "ASPA (Allocation de Solidarité aux Personnes Âgées)"
* #PAT-006 "Aide aux Personnes Âgées (APA)"
* #PAT-007 "Classe GIR"
* #PAT-008 "Préférences de la personne"
* #PAT-009 "Priorités actuelles de la personne"

ValueSet: PaerpaProblem
Id: paerpa-problem
Title: "PAERPA: problems"
Description: "Problems that a PAERPA care plan names (JDV_ProblemePPSPAERPA_CISIS, 1.2.250.1.213.1.1.5.37)."
* insert Metadata
* insert French([[PAERPA : problèmes]], [[Problèmes que nomme un plan PAERPA (JDV_ProblemePPSPAERPA_CISIS, 1.2.250.1.213.1.1.5.37).]])
* $ta-asip#MED-056 "Problèmes liés aux médicaments"
* $ta-asip#MED-057 "Problème de mobilité"
* $ta-asip#MED-058 "Isolement"
* $ta-asip#MED-059 "Précarité"
* $ta-asip#MED-060 "Incapacité dans les activités de base de la vie quotidienne"
* $ta-asip#MED-061 "Troubles nutritionnels / difficulté à avoir une alimentation adaptée"
* $ta-asip#MED-062 "Difficulté à prendre soin de soi"
* $ta-asip#MED-063 "Troubles de l'humeur"
* $ta-asip#ORG-011 "Organisation du suivi"
* $ta-asip#GEN-092.01.01 "Autre problème"

ValueSet: PaerpaPlanStatus
Id: paerpa-plan-status
Title: "PAERPA: status of a plan"
Description: "Status of a PAERPA care plan: the three codes of JDV_StatutDocPPSPAERPA_CISIS (1.2.250.1.213.1.1.5.32), and GEN-068, which the official sample has."
* insert Metadata
* insert French([[PAERPA : statut du plan]], [[Statut d'un plan PAERPA : les trois codes de JDV_StatutDocPPSPAERPA_CISIS (1.2.250.1.213.1.1.5.32), et GEN-068, que porte l'exemple officiel.]])
* $sct#385651009 "en cours d'exécution"
* $sct#9571008 "approuvé"
* $sct#29179001 "clôturé"
* $ta-asip#GEN-068 "Validé"

ValueSet: PaerpaCareType
Id: paerpa-care-type
Title: "PAERPA: medical or social"
Description: "Whether an action of a PAERPA care plan is medical or social (JDV_TypePriseEnChargePPSPAERPA_CISIS, 1.2.250.1.213.1.1.5.25)."
* insert Metadata
* insert French([[PAERPA : médical ou social]], [[Si une action d'un plan PAERPA est médicale ou sociale (JDV_TypePriseEnChargePPSPAERPA_CISIS, 1.2.250.1.213.1.1.5.25).]])
* $ta-asip#ORG-009 "Prise en charge médicale"
* $ta-asip#ORG-010 "Prise en charge sociale"
