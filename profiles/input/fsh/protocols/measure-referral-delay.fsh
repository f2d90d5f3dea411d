Instance: referral-delay
InstanceOf: PasserelleMeasure
Usage: #definition
* insert Knowledge([[Délai entre la demande et la réponse]], [[Time from referral to answer]], [[Jours entre une demande d'appui et la première réponse de la structure, qu'elle accepte ou refuse : médiane.]], [[Days from a referral to the first answer of the structure, be it yes or no: the median.]])
* url = "https://passerelle.care/fhir/Measure/referral-delay"
* name = "ReferralDelay"
* status = #active
* insert Cited([[HAS, Comment organiser les fonctions d'appui aux professionnels de soins primaires ?, 2014]])
* scoring = $measure-scoring#continuous-variable
* type = $measure-type#process
* improvementNotation = $measure-improvement-notation#decrease
* group[0].code = $indicator#referral-delay
* insert Among([[Task?code=http://hl7.org/fhir/CodeSystem/task-code|fulfill&authored-on=ge{{%start}}&authored-on=lt{{%end}}]], [[Demandes de la période]])
* insert Counted(measure-population, [[Demandes qui ont eu une réponse]], [[%versions.where(status = 'accepted' or status = 'rejected').exists()]])
* insert Counted(measure-observation, [[L'heure de la demande et celle de la première réponse ; le délai est ce qui les sépare]], [[authoredOn.combine(%versions.where(status = 'accepted' or status = 'rejected').first().meta.lastUpdated)]])
