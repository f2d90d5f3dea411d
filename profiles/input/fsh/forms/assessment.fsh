// A skeleton for the multidimensional assessment at home: sections that count, each with its score. A structure copies it and puts its own tool's questions in.
Instance: assessment
InstanceOf: Questionnaire
Usage: #definition
* insert Form([[Évaluation multidimensionnelle à domicile]], [[Multidimensional assessment at home]])
* url = "https://passerelle.care/fhir/Questionnaire/assessment"
* name = "MultidimensionalAssessment"
* copyright = "Passerelle, Apache-2.0. D'après la démarche d'évaluation multidimensionnelle que décrit la HAS (fonctions d'appui, 2014) ; les questions sont les nôtres, ce n'est ni le RAI ni un outil validé."
* insert LaunchPatient
* code = $loinc#34842-5
* item[+]
  * insert Item(assessed-on, date, [[Date de l'évaluation]], [[Date of the assessment]])
  * insert Required
  * insert Initial([[today()]])
* item[+]
  * insert Item(has-carer, boolean, [[La personne a-t-elle un aidant ?]], [[Does the person have a carer?]])
  * insert Required
  * insert Query(relatives, [[RelatedPerson?patient={{%patient.id}}&active=true&_count=20]])
  * insert Initial([[iif(%relatives.entry.resource.exists(), true, {})]])
* item[+]
  * insert Item(health, group, [[Santé]], [[Health]])
  * item[+]
    * insert Item(health-state, choice, [[État de santé ressenti et douleur]], [[How health feels, and pain]])
    * insert Required
    * insert Scored(none, [[Aucune difficulté]], [[No difficulty]], 0)
    * insert Scored(some, [[Difficulté partielle ou aide occasionnelle]], [[Some difficulty or occasional help]], 1)
    * insert Scored(severe, [[Difficulté importante ou aide quotidienne]], [[Great difficulty or daily help]], 2)
  * item[+]
    * insert Item(treatment, choice, [[Prise du traitement]], [[Taking the treatment]])
    * insert Required
    * insert Scored(none, [[Aucune difficulté]], [[No difficulty]], 0)
    * insert Scored(some, [[Difficulté partielle ou aide occasionnelle]], [[Some difficulty or occasional help]], 1)
    * insert Scored(severe, [[Difficulté importante ou aide quotidienne]], [[Great difficulty or daily help]], 2)
  * item[+]
    * insert Item(nutrition, choice, [[Alimentation, poids]], [[Food and weight]])
    * insert Required
    * insert Scored(none, [[Aucune difficulté]], [[No difficulty]], 0)
    * insert Scored(some, [[Difficulté partielle ou aide occasionnelle]], [[Some difficulty or occasional help]], 1)
    * insert Scored(severe, [[Difficulté importante ou aide quotidienne]], [[Great difficulty or daily help]], 2)
  * item[+]
    * insert Item(health-score, decimal, [[Score de la section, sur 6]], [[Score of the section, of 6]])
    * insert Calculated([[%resource.item.where(linkId = 'health').item.answer.value.ofType(Coding).weight().sum()]])
  * item[+]
    * insert Item(health-notes, text, [[Précisions]], [[Remarks]])
* item[+]
  * insert Item(daily-life, group, [[Vie quotidienne]], [[Daily life]])
  * item[+]
    * insert Item(washing, choice, [[Toilette et habillage]], [[Washing and dressing]])
    * insert Required
    * insert Scored(none, [[Aucune difficulté]], [[No difficulty]], 0)
    * insert Scored(some, [[Difficulté partielle ou aide occasionnelle]], [[Some difficulty or occasional help]], 1)
    * insert Scored(severe, [[Difficulté importante ou aide quotidienne]], [[Great difficulty or daily help]], 2)
  * item[+]
    * insert Item(moving, choice, [[Déplacements dans le logement et au dehors]], [[Getting about at home and outside]])
    * insert Required
    * insert Scored(none, [[Aucune difficulté]], [[No difficulty]], 0)
    * insert Scored(some, [[Difficulté partielle ou aide occasionnelle]], [[Some difficulty or occasional help]], 1)
    * insert Scored(severe, [[Difficulté importante ou aide quotidienne]], [[Great difficulty or daily help]], 2)
  * item[+]
    * insert Item(household, choice, [[Repas, courses, ménage]], [[Meals, shopping, housework]])
    * insert Required
    * insert Scored(none, [[Aucune difficulté]], [[No difficulty]], 0)
    * insert Scored(some, [[Difficulté partielle ou aide occasionnelle]], [[Some difficulty or occasional help]], 1)
    * insert Scored(severe, [[Difficulté importante ou aide quotidienne]], [[Great difficulty or daily help]], 2)
  * item[+]
    * insert Item(daily-life-score, decimal, [[Score de la section, sur 6]], [[Score of the section, of 6]])
    * insert Calculated([[%resource.item.where(linkId = 'daily-life').item.answer.value.ofType(Coding).weight().sum()]])
  * item[+]
    * insert Item(daily-life-notes, text, [[Précisions]], [[Remarks]])
* item[+]
  * insert Item(mind, group, [[Mémoire et humeur]], [[Memory and mood]])
  * item[+]
    * insert Item(memory, choice, [[Mémoire et orientation]], [[Memory and orientation]])
    * insert Required
    * insert Scored(none, [[Aucune difficulté]], [[No difficulty]], 0)
    * insert Scored(some, [[Difficulté partielle ou aide occasionnelle]], [[Some difficulty or occasional help]], 1)
    * insert Scored(severe, [[Difficulté importante ou aide quotidienne]], [[Great difficulty or daily help]], 2)
  * item[+]
    * insert Item(mood, choice, [[Humeur, anxiété]], [[Mood, anxiety]])
    * insert Required
    * insert Scored(none, [[Aucune difficulté]], [[No difficulty]], 0)
    * insert Scored(some, [[Difficulté partielle ou aide occasionnelle]], [[Some difficulty or occasional help]], 1)
    * insert Scored(severe, [[Difficulté importante ou aide quotidienne]], [[Great difficulty or daily help]], 2)
  * item[+]
    * insert Item(behaviour, choice, [[Comportement, conduites addictives]], [[Behaviour, addictions]])
    * insert Required
    * insert Scored(none, [[Aucune difficulté]], [[No difficulty]], 0)
    * insert Scored(some, [[Difficulté partielle ou aide occasionnelle]], [[Some difficulty or occasional help]], 1)
    * insert Scored(severe, [[Difficulté importante ou aide quotidienne]], [[Great difficulty or daily help]], 2)
  * item[+]
    * insert Item(mind-score, decimal, [[Score de la section, sur 6]], [[Score of the section, of 6]])
    * insert Calculated([[%resource.item.where(linkId = 'mind').item.answer.value.ofType(Coding).weight().sum()]])
  * item[+]
    * insert Item(mind-notes, text, [[Précisions]], [[Remarks]])
* item[+]
  * insert Item(home, group, [[Logement et environnement]], [[Home and surroundings]])
  * item[+]
    * insert Item(housing, choice, [[Logement adapté et sûr]], [[A suitable and safe home]])
    * insert Required
    * insert Scored(none, [[Aucune difficulté]], [[No difficulty]], 0)
    * insert Scored(some, [[Difficulté partielle ou aide occasionnelle]], [[Some difficulty or occasional help]], 1)
    * insert Scored(severe, [[Difficulté importante ou aide quotidienne]], [[Great difficulty or daily help]], 2)
  * item[+]
    * insert Item(neighbours, choice, [[Commerces, transports, voisinage]], [[Shops, transport, neighbours]])
    * insert Required
    * insert Scored(none, [[Aucune difficulté]], [[No difficulty]], 0)
    * insert Scored(some, [[Difficulté partielle ou aide occasionnelle]], [[Some difficulty or occasional help]], 1)
    * insert Scored(severe, [[Difficulté importante ou aide quotidienne]], [[Great difficulty or daily help]], 2)
  * item[+]
    * insert Item(home-score, decimal, [[Score de la section, sur 4]], [[Score of the section, of 4]])
    * insert Calculated([[%resource.item.where(linkId = 'home').item.answer.value.ofType(Coding).weight().sum()]])
  * item[+]
    * insert Item(home-notes, text, [[Précisions]], [[Remarks]])
* item[+]
  * insert Item(rights, group, [[Droits et ressources]], [[Rights and income]])
  * item[+]
    * insert Item(income, choice, [[Ressources et budget]], [[Income and budget]])
    * insert Required
    * insert Scored(none, [[Aucune difficulté]], [[No difficulty]], 0)
    * insert Scored(some, [[Difficulté partielle ou aide occasionnelle]], [[Some difficulty or occasional help]], 1)
    * insert Scored(severe, [[Difficulté importante ou aide quotidienne]], [[Great difficulty or daily help]], 2)
  * item[+]
    * insert Item(benefits, choice, [[Droits ouverts (APA, ALD, complémentaire...)]], [[Benefits obtained (APA, ALD, complementary cover...)]])
    * insert Required
    * insert Scored(none, [[Aucune difficulté]], [[No difficulty]], 0)
    * insert Scored(some, [[Difficulté partielle ou aide occasionnelle]], [[Some difficulty or occasional help]], 1)
    * insert Scored(severe, [[Difficulté importante ou aide quotidienne]], [[Great difficulty or daily help]], 2)
  * item[+]
    * insert Item(rights-score, decimal, [[Score de la section, sur 4]], [[Score of the section, of 4]])
    * insert Calculated([[%resource.item.where(linkId = 'rights').item.answer.value.ofType(Coding).weight().sum()]])
  * item[+]
    * insert Item(rights-notes, text, [[Précisions]], [[Remarks]])
* item[+]
  * insert Item(care, group, [[Organisation des soins]], [[Organisation of care]])
  * item[+]
    * insert Item(access, choice, [[Accès au médecin et aux soins]], [[Access to a physician and to care]])
    * insert Required
    * insert Scored(none, [[Aucune difficulté]], [[No difficulty]], 0)
    * insert Scored(some, [[Difficulté partielle ou aide occasionnelle]], [[Some difficulty or occasional help]], 1)
    * insert Scored(severe, [[Difficulté importante ou aide quotidienne]], [[Great difficulty or daily help]], 2)
  * item[+]
    * insert Item(professionals, choice, [[Coordination des professionnels]], [[Professionals working together]])
    * insert Required
    * insert Scored(none, [[Aucune difficulté]], [[No difficulty]], 0)
    * insert Scored(some, [[Difficulté partielle ou aide occasionnelle]], [[Some difficulty or occasional help]], 1)
    * insert Scored(severe, [[Difficulté importante ou aide quotidienne]], [[Great difficulty or daily help]], 2)
  * item[+]
    * insert Item(care-score, decimal, [[Score de la section, sur 4]], [[Score of the section, of 4]])
    * insert Calculated([[%resource.item.where(linkId = 'care').item.answer.value.ofType(Coding).weight().sum()]])
  * item[+]
    * insert Item(care-notes, text, [[Précisions]], [[Remarks]])
* item[+]
  * insert Item(carer, group, [[Fragilité de l'aidant]], [[The carer's fragility]])
  * enableWhen[+].question = "has-carer"
  * enableWhen[=].operator = #=
  * enableWhen[=].answerBoolean = true
  * item[+]
    * insert Item(carer-tired, choice, [[L'aidant est-il fatigué ?]], [[Is the carer tired?]])
    * insert Required
    * insert Scored(never, [[Jamais]], [[Never]], 0)
    * insert Scored(sometimes, [[Parfois]], [[Sometimes]], 1)
    * insert Scored(often, [[Souvent]], [[Often]], 2)
  * item[+]
    * insert Item(carer-alone, choice, [[Se sent-il seul dans son rôle ?]], [[Does the carer feel alone in the role?]])
    * insert Required
    * insert Scored(never, [[Jamais]], [[Never]], 0)
    * insert Scored(sometimes, [[Parfois]], [[Sometimes]], 1)
    * insert Scored(often, [[Souvent]], [[Often]], 2)
  * item[+]
    * insert Item(carer-health, choice, [[Sa propre santé en souffre-t-elle ?]], [[Does the carer's own health suffer?]])
    * insert Required
    * insert Scored(never, [[Jamais]], [[Never]], 0)
    * insert Scored(sometimes, [[Parfois]], [[Sometimes]], 1)
    * insert Scored(often, [[Souvent]], [[Often]], 2)
  * item[+]
    * insert Item(carer-respite, choice, [[Manque-t-il de répit ?]], [[Does the carer lack respite?]])
    * insert Required
    * insert Scored(never, [[Jamais]], [[Never]], 0)
    * insert Scored(sometimes, [[Parfois]], [[Sometimes]], 1)
    * insert Scored(often, [[Souvent]], [[Often]], 2)
  * item[+]
    * insert Item(carer-score, decimal, [[Score de la section, sur 8]], [[Score of the section, of 8]])
    * insert Calculated([[%resource.item.where(linkId = 'carer').item.answer.value.ofType(Coding).weight().sum()]])
  * item[+]
    * insert Item(carer-notes, text, [[Précisions]], [[Remarks]])
* item[+]
  * insert Item(total-score, decimal, [[Score total]], [[Total score]])
  * insert Calculated([[%resource.item.item.answer.value.ofType(Coding).weight().sum()]])
* item[+]
  * insert Item(conclusion, text, [[Conclusion et priorités de la personne]], [[Conclusion, and the person's priorities]])
