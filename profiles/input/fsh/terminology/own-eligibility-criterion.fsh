CodeSystem: EligibilityCriterion
Id: eligibility-criterion
Title: "What decides who may come"
Description: "The kinds of criteria of a support service; their values are data (MAIA: over 60 with loss of autonomy; a mobile brain-injury team: two years at most)."
* insert Metadata
* insert French([[Critère d'accueil]], [[Les natures de critères d'un service d'appui ; leurs valeurs sont des données (MAIA : plus de 60 ans en perte d'autonomie ; équipe mobile de cérébrolésés : deux ans au plus).]])
* ^caseSensitive = true
* insert Bilingual(age, [[Âge]], [[Age]])
* insert Bilingual(place, [[Lieu de vie]], [[Place]])
* insert Bilingual(condition, [[Situation ou pathologie]], [[Condition]])
* insert Bilingual(duration, [[Durée maximale de l'accompagnement]], [[Longest time of help]])
* insert Bilingual(agreement, [[Accord de la personne et du médecin traitant]], [[Agreement of the person and the general practitioner]])

ValueSet: EligibilityCriteria
Id: eligibility-criteria
Title: "What decides who may come: all codes"
Description: "All codes of EligibilityCriterion."
* insert Metadata
* insert French([[Critère d'accueil : tous les codes]], [[Tous les codes d'EligibilityCriterion.]])
* include codes from system EligibilityCriterion
