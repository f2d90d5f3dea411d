Instance: feedback-rate
InstanceOf: PasserelleMeasure
Usage: #definition
* insert Knowledge([[Personnes dont le médecin traitant a eu un retour]], [[Persons whose general practitioner had feedback]], [[Part des personnes suivies pour qui un retour d'information a été envoyé au médecin traitant pendant la période.]], [[Share of the persons followed for whom feedback was sent to the general practitioner within the period.]])
* url = "https://passerelle.care/fhir/Measure/feedback-rate"
* name = "FeedbackRate"
* status = #active
* insert Cited([[IGAS, La coordination territoriale d'appui, décembre 2014 : retours formalisés dans un peu plus de la moitié des cas]])
* scoring = $measure-scoring#proportion
* type = $measure-type#process
* improvementNotation = $measure-improvement-notation#increase
* group[0].code = $indicator#feedback-rate
* insert Among([[EpisodeOfCare?status=active,onhold,finished&date=ge{{%start}}&date=lt{{%end}}]], [[Accompagnements de la période]])
* insert Counted(denominator, [[Accompagnements renforcés ou à distance]], [[status != 'entered-in-error']])
* insert Counted(numerator, [[Dont le médecin traitant a eu un retour]], [[%communications.where(status = 'completed' and topic.coding.where(code = 'feedback').exists() and sent >= %start and sent < %end and recipient.reference.intersect(%patient.generalPractitioner.reference).exists()).exists()]])
