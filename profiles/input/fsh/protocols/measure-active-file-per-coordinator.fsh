Instance: active-file-per-coordinator
InstanceOf: PasserelleMeasure
Usage: #definition
* insert Knowledge([[File active par coordonnateur]], [[Active file of a coordinator]], [[Personnes suivies par chaque coordonnateur au dernier jour de la période. Alerte hors de 90 à 130, bornes à régler par la structure : un service complet doit pouvoir le dire.]], [[Persons whom each coordinator follows on the last day of the period. An alert outside 90 to 130, which a structure sets for itself: a saturated service must be able to say so.]])
* url = "https://passerelle.care/fhir/Measure/active-file-per-coordinator"
* name = "ActiveFilePerCoordinator"
* status = #active
* insert Cited([[ARESPA : file active d'environ 90 à 130 malades par coordinatrice (lecture présumée du texte)]])
* scoring = $measure-scoring#cohort
* type = $measure-type#structure
* group[0].code = $indicator#active-file
* group[0].extension[alertRange].valueRange.low.value = 90
* group[0].extension[alertRange].valueRange.high.value = 130
* insert Among([[EpisodeOfCare?status=active]], [[Accompagnements en cours]])
* group[0].stratifier[+].code = IndicatorStratifier#coordinator "Coordonnateur"
* group[0].stratifier[=].criteria.language = #text/fhirpath
* group[0].stratifier[=].criteria.expression = "careManager.reference"
