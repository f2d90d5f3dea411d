Instance: support-functions
InstanceOf: PasserelleMeasure
Usage: #definition
* insert Knowledge([[Fonctions d'appui disponibles sur le territoire]], [[Support functions available in the territory]], [[Nombre de fonctions d'appui disponibles, rapporté au nombre douze mois auparavant.]], [[Number of support functions that are available, against the number twelve months before.]])
* url = "https://passerelle.care/fhir/Measure/support-functions"
* name = "SupportFunctionsAvailable"
* status = #active
* insert Cited([[HAS, Comment organiser les fonctions d'appui aux professionnels de soins primaires ?, 2014, exemples d'indicateurs]])
* scoring = $measure-scoring#ratio
* type = $measure-type#structure
* improvementNotation = $measure-improvement-notation#increase
* group[0].code = $indicator#support-functions
* insert Among([[HealthcareService?active=true]], [[Offres du territoire, telles qu'à la date de la fenêtre]])
* insert Counted(numerator, [[Fonctions d'appui à la fin de la période]], [[active]])
* insert During(0, 0)
* insert Counted(denominator, [[Fonctions d'appui douze mois auparavant]], [[active]])
* insert During(-12, -12)
