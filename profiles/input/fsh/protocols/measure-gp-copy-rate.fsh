Instance: gp-copy-rate
InstanceOf: PasserelleMeasure
Usage: #definition
* insert Knowledge([[Plans dont le médecin traitant est destinataire]], [[Plans that the general practitioner was sent]], [[Part des plans de la période envoyés au médecin traitant. L'IGAS en trouvait 50 %. Envoyé, remis, intégré et lu sont des faits différents : ici, l'envoi.]], [[Share of the period's plans that were sent to the general practitioner. IGAS found 50 %. Sent, delivered, filed and read are different facts: this is sending.]])
* url = "https://passerelle.care/fhir/Measure/gp-copy-rate"
* name = "CopyToTheGeneralPractitionerRate"
* status = #active
* insert Cited([[IGAS, La coordination territoriale d'appui, décembre 2014 : 50 % des plans reçus]])
* scoring = $measure-scoring#proportion
* type = $measure-type#process
* improvementNotation = $measure-improvement-notation#increase
* group[0].code = $indicator#gp-copy-rate
* insert Among([[CarePlan?category=http://loinc.org|18776-5&date=ge{{%start}}&date=lt{{%end}}]], [[Plans de la période]])
* insert Counted(denominator, [[Plans qui ne sont pas des erreurs]], [[status != 'entered-in-error']])
* insert Counted(numerator, [[Plans envoyés au médecin traitant]], [[%communications.where(status = 'completed' and topic.coding.where(code = 'plan-copy' or code = 'plan-for-validation').exists() and recipient.reference.intersect(%patient.generalPractitioner.reference).exists() and about.reference.where($this = 'CarePlan/' & %resource.id or startsWith('CarePlan/' & %resource.id & '/_history/')).exists()).exists()]])
