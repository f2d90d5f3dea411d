// A grid that says how much help along the pathway a person may have, of the kind that the référents of AFM-Téléthon use. Weights (ordinalValue), criteria and
// threshold belong to the structure: it stores its own copy, derived from this one.
Instance: scoring-grid
InstanceOf: Questionnaire
Usage: #definition
* insert Form([[Grille de scoring : éligibilité à un accompagnement]], [[Scoring grid: eligibility for support]])
* url = "https://passerelle.care/fhir/Questionnaire/scoring-grid"
* name = "ScoringGrid"
* copyright = "Passerelle, Apache-2.0. La HAS (2014) cite la grille de scoring des référents de parcours de santé de l'AFM-Téléthon ; ses critères ne sont pas publiés, ceux-ci sont les nôtres."
* insert LaunchPatient
* item[+]
  * insert Item(threshold, integer, [[Seuil de la structure]], [[The structure's threshold]])
  * insert Required
  * initial[+].valueInteger = 8
* item[+]
  * insert Item(criteria, group, [[Critères]], [[Criteria]])
  * item[+]
    * insert Item(evolution, choice, [[Maladie évolutive ou récemment annoncée]], [[A disease that progresses or was told recently]])
    * insert Required
    * insert Scored(none, [[Aucune difficulté]], [[No difficulty]], 0)
    * insert Scored(some, [[Difficulté partielle ou aide occasionnelle]], [[Some difficulty or occasional help]], 1)
    * insert Scored(severe, [[Difficulté importante ou aide quotidienne]], [[Great difficulty or daily help]], 2)
  * item[+]
    * insert Item(autonomy, choice, [[Perte d'autonomie]], [[Loss of autonomy]])
    * insert Required
    * insert Scored(none, [[Aucune difficulté]], [[No difficulty]], 0)
    * insert Scored(some, [[Difficulté partielle ou aide occasionnelle]], [[Some difficulty or occasional help]], 1)
    * insert Scored(severe, [[Difficulté importante ou aide quotidienne]], [[Great difficulty or daily help]], 2)
  * item[+]
    * insert Item(isolation, choice, [[Isolement de la personne ou de la famille]], [[Isolation of the person or the family]])
    * insert Required
    * insert Scored(none, [[Aucune difficulté]], [[No difficulty]], 0)
    * insert Scored(some, [[Difficulté partielle ou aide occasionnelle]], [[Some difficulty or occasional help]], 1)
    * insert Scored(severe, [[Difficulté importante ou aide quotidienne]], [[Great difficulty or daily help]], 2)
  * item[+]
    * insert Item(rights, choice, [[Démarches administratives en cours ou bloquées]], [[Administrative steps under way or stuck]])
    * insert Required
    * insert Scored(none, [[Aucune difficulté]], [[No difficulty]], 0)
    * insert Scored(some, [[Difficulté partielle ou aide occasionnelle]], [[Some difficulty or occasional help]], 1)
    * insert Scored(severe, [[Difficulté importante ou aide quotidienne]], [[Great difficulty or daily help]], 2)
  * item[+]
    * insert Item(professionals, choice, [[Nombre et diversité des intervenants]], [[How many and how diverse the professionals are]])
    * insert Required
    * insert Scored(none, [[Aucune difficulté]], [[No difficulty]], 0)
    * insert Scored(some, [[Difficulté partielle ou aide occasionnelle]], [[Some difficulty or occasional help]], 1)
    * insert Scored(severe, [[Difficulté importante ou aide quotidienne]], [[Great difficulty or daily help]], 2)
  * item[+]
    * insert Item(schooling-work, choice, [[Scolarité, emploi]], [[School, work]])
    * insert Required
    * insert Scored(none, [[Aucune difficulté]], [[No difficulty]], 0)
    * insert Scored(some, [[Difficulté partielle ou aide occasionnelle]], [[Some difficulty or occasional help]], 1)
    * insert Scored(severe, [[Difficulté importante ou aide quotidienne]], [[Great difficulty or daily help]], 2)
  * item[+]
    * insert Item(housing, choice, [[Logement à adapter]], [[Home to adapt]])
    * insert Required
    * insert Scored(none, [[Aucune difficulté]], [[No difficulty]], 0)
    * insert Scored(some, [[Difficulté partielle ou aide occasionnelle]], [[Some difficulty or occasional help]], 1)
    * insert Scored(severe, [[Difficulté importante ou aide quotidienne]], [[Great difficulty or daily help]], 2)
  * item[+]
    * insert Item(carer, choice, [[Épuisement de l'aidant]], [[Exhausted carer]])
    * insert Required
    * insert Scored(none, [[Aucune difficulté]], [[No difficulty]], 0)
    * insert Scored(some, [[Difficulté partielle ou aide occasionnelle]], [[Some difficulty or occasional help]], 1)
    * insert Scored(severe, [[Difficulté importante ou aide quotidienne]], [[Great difficulty or daily help]], 2)
* item[+]
  * insert Item(total, decimal, [[Total, sur 16]], [[Total, of 16]])
  * insert Calculated([[%resource.item.where(linkId = 'criteria').item.answer.value.ofType(Coding).weight().sum()]])
* item[+]
  * insert Item(eligible, boolean, [[Éligible]], [[Eligible]])
  * insert Calculated([[iif(%resource.item.where(linkId = 'criteria').item.answer.count() < 8, {}, %resource.item.where(linkId = 'criteria').item.answer.value.ofType(Coding).weight().sum() >= %resource.item.where(linkId = 'threshold').answer.value)]])
* item[+]
  * insert Item(remarks, text, [[Avis du référent]], [[What the référent thinks]])
