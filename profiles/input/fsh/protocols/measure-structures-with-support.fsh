Instance: structures-with-support
InstanceOf: PasserelleMeasure
Usage: #definition
* insert Knowledge([[Structures pluriprofessionnelles ayant au moins une fonction d'appui]], [[Multiprofessional structures with at least one support function]], [[Maisons, pôles et centres de santé qui ont au moins une fonction d'appui, rapportés au nombre douze mois auparavant.]], [[Health houses and centres with at least one support function, against the number twelve months before.]])
* url = "https://passerelle.care/fhir/Measure/structures-with-support"
* name = "StructuresWithSupport"
* status = #active
* insert Cited([[HAS, Comment organiser les fonctions d'appui aux professionnels de soins primaires ?, 2014, exemples d'indicateurs]])
* scoring = $measure-scoring#ratio
* type = $measure-type#structure
* improvementNotation = $measure-improvement-notation#increase
* group[0].code = $indicator#structures-with-support
* insert Among([[Organization?active=true]], [[Structures pluriprofessionnelles du territoire (MSP, PSP, centres de santé), telles qu'à la date de la fenêtre]])
* insert Counted(numerator, [[Structures concernées à la fin de la période]], [[%services.where(active and providedBy.reference = 'Organization/' & %resource.id).exists()]])
* insert During(0, 0)
* insert Counted(denominator, [[Structures concernées douze mois auparavant]], [[%services.where(active and providedBy.reference = 'Organization/' & %resource.id).exists()]])
* insert During(-12, -12)
