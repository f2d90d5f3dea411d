// What the person wants, how far it is reached, and whether the help suits. Nobody has to have a goal; satisfaction is told where all four questions are answered:
// a question that was left out is no dissatisfaction.
Instance: goals-and-satisfaction
InstanceOf: Questionnaire
Usage: #definition
* insert Form([[Mes objectifs et ma satisfaction]], [[My goals and my satisfaction]])
* url = "https://passerelle.care/fhir/Questionnaire/goals-and-satisfaction"
* name = "GoalsAndSatisfaction"
* copyright = "Passerelle, Apache-2.0."
* insert LaunchPatient
* insert Variable(satisfaction, [[%resource.item.where(linkId = 'satisfaction').item.answer.value.ofType(Coding)]])
* insert Query(goals, [[Goal?patient={{%patient.id}}&lifecycle-status=accepted,active&_count=50]])
* item[+]
  * insert Item(filled-by, choice, [[Qui répond ?]], [[Who answers?]])
  * answerOption[+].valueCoding = $requester-kind#person "La personne elle-même"
  * answerOption[+].valueCoding = $requester-kind#family "La famille ou un aidant"
* item[+]
  * insert Item(goals, group, [[Mes objectifs]], [[My goals]])
  * repeats = true
  * extension[+].url = $item-population-context
  * extension[=].valueExpression.name = "goal"
  * extension[=].valueExpression.language = #text/fhirpath
  * extension[=].valueExpression.expression = "%goals.entry.resource"
  * item[+]
    * insert Item(goal, string, [[Ce que je veux]], [[What I want]])
    * insert Initial([[%goal.description.text]])
  * item[+]
    * insert Item(progress, choice, [[Où j'en suis]], [[How far I am]])
    * enableWhen[+].question = "goal"
    * enableWhen[=].operator = #exists
    * enableWhen[=].answerBoolean = true
    * insert Scored(not-met, [[Non atteint]], [[Not met]], 0)
    * insert Scored(partly-met, [[Atteint en partie]], [[Partly met]], 1)
    * insert Scored(met, [[Atteint]], [[Met]], 2)
* item[+]
  * insert Item(satisfaction, group, [[Ma satisfaction]], [[My satisfaction]])
  * item[+]
    * insert Item(listened, choice, [[Je suis écouté]], [[I am listened to]])
    * insert Scored(very-poor, [[Très insatisfait]], [[Very dissatisfied]], 0)
    * insert Scored(poor, [[Insatisfait]], [[Dissatisfied]], 1)
    * insert Scored(good, [[Satisfait]], [[Satisfied]], 2)
    * insert Scored(very-good, [[Très satisfait]], [[Very satisfied]], 3)
  * item[+]
    * insert Item(informed, choice, [[Je suis informé de ce qui est prévu]], [[I am told what is planned]])
    * insert Scored(very-poor, [[Très insatisfait]], [[Very dissatisfied]], 0)
    * insert Scored(poor, [[Insatisfait]], [[Dissatisfied]], 1)
    * insert Scored(good, [[Satisfait]], [[Satisfied]], 2)
    * insert Scored(very-good, [[Très satisfait]], [[Very satisfied]], 3)
  * item[+]
    * insert Item(help-suits, choice, [[L'aide reçue me convient]], [[The help I get suits me]])
    * insert Scored(very-poor, [[Très insatisfait]], [[Very dissatisfied]], 0)
    * insert Scored(poor, [[Insatisfait]], [[Dissatisfied]], 1)
    * insert Scored(good, [[Satisfait]], [[Satisfied]], 2)
    * insert Scored(very-good, [[Très satisfait]], [[Very satisfied]], 3)
  * item[+]
    * insert Item(together, choice, [[Les professionnels travaillent ensemble]], [[The professionals work together]])
    * insert Scored(very-poor, [[Très insatisfait]], [[Very dissatisfied]], 0)
    * insert Scored(poor, [[Insatisfait]], [[Dissatisfied]], 1)
    * insert Scored(good, [[Satisfait]], [[Satisfied]], 2)
    * insert Scored(very-good, [[Très satisfait]], [[Very satisfied]], 3)
* item[+]
  * insert Item(satisfaction-score, decimal, [[Satisfaction, sur 12]], [[Satisfaction, of 12]])
  * insert Calculated([[iif(%satisfaction.count() = 4, %satisfaction.weight().sum(), {})]])
* item[+]
  * insert Item(comment, text, [[Ce que je veux ajouter]], [[What I want to add]])
