Instance: unmet-needs
InstanceOf: PasserelleMeasure
Usage: #definition
* insert Knowledge([[Besoins sans réponse sur le territoire]], [[Needs that nothing in the territory meets]], [[Aides demandées auxquelles aucun service du territoire ne répond, par nature d'aide : gardées et comptées.]], [[Aids that were asked for and that no service of the territory provides, by kind: kept and counted.]])
* url = "https://passerelle.care/fhir/Measure/unmet-needs"
* name = "UnmetNeeds"
* status = #active
* insert Cited([[HAS, Comment organiser les fonctions d'appui aux professionnels de soins primaires ?, 2014 : retour d'information à la gouvernance sur les besoins non satisfaits]])
* scoring = $measure-scoring#cohort
* type = $measure-type#outcome
* improvementNotation = $measure-improvement-notation#decrease
* group[0].code = $indicator#unmet-need
* insert Among([[Task?business-status=https://passerelle.care/fhir/CodeSystem/aid-state|unmet]], [[Aides sans réponse]])
* group[0].stratifier[+].code = IndicatorStratifier#aid "Nature de l'aide"
* group[0].stratifier[=].criteria.language = #text/fhirpath
* group[0].stratifier[=].criteria.expression = "code.coding.first().code"
