Instance: readmission-30-days-75
InstanceOf: PasserelleMeasure
Usage: #definition
* insert Knowledge([[Réhospitalisations à 30 jours des personnes de 75 ans et plus]], [[Readmissions within 30 days, persons of 75 and over]], [[Séjours MCO des trois derniers mois qui commencent dans les 30 jours après la sortie d'un autre, rapportés au même nombre neuf à douze mois auparavant. Sous 1, la situation s'améliore.]], [[Stays of the last three months that begin within 30 days of the end of another one, against the same count nine to twelve months before. Below 1, things get better.]])
* url = "https://passerelle.care/fhir/Measure/readmission-30-days-75"
* name = "ReadmissionIn30Days"
* status = #active
* insert Cited([[HAS, Comment organiser les fonctions d'appui aux professionnels de soins primaires ?, 2014, exemples d'indicateurs]])
* scoring = $measure-scoring#ratio
* type = $measure-type#outcome
* improvementNotation = $measure-improvement-notation#decrease
* group[0].code = $indicator#readmission-30-days
* insert Among([[Encounter?class=IMP,ACUTE,NONAC&date=ge{{%start}}&date=lt{{%end}}]], [[Séjours de la patientèle]])
* insert Counted(numerator, [[Réhospitalisations des trois derniers mois]], [[%patient.birthDate + 75 years <= period.start and period.start >= %start and period.start < %end and %stays.where(period.end <= %resource.period.start and period.end + 30 days >= %resource.period.start).exists()]])
* insert During(-3, 0)
* insert Counted(denominator, [[Réhospitalisations neuf à douze mois auparavant]], [[%patient.birthDate + 75 years <= period.start and period.start >= %start and period.start < %end and %stays.where(period.end <= %resource.period.start and period.end + 30 days >= %resource.period.start).exists()]])
* insert During(-12, -9)
