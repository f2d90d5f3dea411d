Instance: plan-validation-rate
InstanceOf: PasserelleMeasure
Usage: #definition
* insert Knowledge([[Plans validés par le médecin traitant]], [[Plans validated by the general practitioner]], [[Part des plans de la période que le médecin traitant a validés. L'IGAS en trouvait 27 %. Un plan non validé reste un plan.]], [[Share of the period's plans that the general practitioner validated. IGAS found 27 %. A plan that is not validated is a plan all the same.]])
* url = "https://passerelle.care/fhir/Measure/plan-validation-rate"
* name = "PlanValidationRate"
* status = #active
* insert Cited([[IGAS, La coordination territoriale d'appui, décembre 2014 : 27 % des plans validés]])
* scoring = $measure-scoring#proportion
* type = $measure-type#process
* improvementNotation = $measure-improvement-notation#increase
* group[0].code = $indicator#plan-validation-rate
* insert Among([[CarePlan?category=http://loinc.org|18776-5&date=ge{{%start}}&date=lt{{%end}}]], [[Plans de la période]])
* insert Counted(denominator, [[Plans qui ne sont pas des erreurs]], [[status != 'entered-in-error']])
* insert Counted(numerator, [[Plans validés]], [[%tasks.where(status = 'completed' and code.coding.where(code = 'plan-validation').exists() and focus.reference = 'CarePlan/' & %resource.id).exists()]])
