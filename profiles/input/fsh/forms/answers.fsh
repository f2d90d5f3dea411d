// The answers of the forms, where no national code system has them.

CodeSystem: YesNoUnknown
Id: yes-no-unknown
Title: "Yes, no, not known"
Description: "The three columns O, N and ? of the HAS screening form: ? is neither yes nor no."
* insert Metadata
* insert French([[Oui, non, ne sait pas]], [[Les trois colonnes O, N et ? du questionnaire de repérage de la HAS : ? n'est ni oui ni non.]])
* ^caseSensitive = true
* #O "Oui"
  * ^designation[+].language = #en
  * ^designation[=].value = "Yes"
* #N "Non"
  * ^designation[+].language = #en
  * ^designation[=].value = "No"
* #? "Ne sait pas"
  * ^designation[+].language = #en
  * ^designation[=].value = "Not known"

CodeSystem: ScreeningPurpose
Id: screening-purpose
Title: "What a screening is for"
Description: "Help along the pathway asks for two criteria; a personalised care plan (PPS) for one (HAS 2014, annexe 3 and its footnote 3)."
* insert Metadata
* insert French([[But du repérage]], [[L'assistance au parcours demande deux critères ; le plan personnalisé de santé (PPS) un seul (HAS 2014, annexe 3 et note 3).]])
* ^caseSensitive = true
* #assistance "Assistance au parcours (deux critères)"
  * ^designation[+].language = #en
  * ^designation[=].value = "Help along the pathway (two criteria)"
* #pps "Plan personnalisé de santé, PPS (un critère)"
  * ^designation[+].language = #en
  * ^designation[=].value = "Personalised care plan, PPS (one criterion)"

CodeSystem: InclusionReason
Id: inclusion-reason
Title: "Why a person is included"
Description: "The 21 boxes of the HAS inclusion form (2014, annexe 4), under its five groups."
* insert Metadata
* insert French([[Motif d'inclusion]], [[Les 21 cases de la fiche d'inclusion de la HAS (2014, annexe 4), sous ses cinq groupes.]])
* ^caseSensitive = true
* ^hierarchyMeaning = #grouped-by
* #health "Problèmes sanitaires"
  * ^designation[+].language = #en
  * ^designation[=].value = "Health problems"
* #health #severe-disease "Pathologie sévère"
  * ^designation[+].language = #en
  * ^designation[=].value = "Severe disease"
* #health #polypathology "Polypathologie (au moins trois pathologies chroniques)"
  * ^designation[+].language = #en
  * ^designation[=].value = "Several diseases (at least three chronic ones)"
* #health #loss-of-autonomy "Perte d'autonomie"
  * ^designation[+].language = #en
  * ^designation[=].value = "Loss of autonomy"
* #health #health-other "Autre problème sanitaire"
  * ^designation[+].language = #en
  * ^designation[=].value = "Other health problem"
* #self-management "Incapacité à gérer son parcours"
  * ^designation[+].language = #en
  * ^designation[=].value = "Unable to manage the pathway"
* #self-management #cognitive-disorder "Troubles cognitifs"
  * ^designation[+].language = #en
  * ^designation[=].value = "Cognitive disorder"
* #self-management #mood-disorder "Troubles de l'humeur"
  * ^designation[+].language = #en
  * ^designation[=].value = "Mood disorder"
* #self-management #behavioural-disorder "Troubles comportementaux"
  * ^designation[+].language = #en
  * ^designation[=].value = "Behavioural disorder"
* #self-management #addiction "Troubles addictifs"
  * ^designation[+].language = #en
  * ^designation[=].value = "Addiction"
* #self-management #self-management-other "Autre incapacité à gérer son parcours"
  * ^designation[+].language = #en
  * ^designation[=].value = "Other reason for not managing the pathway"
* #isolation "Isolement, défaut de soutien de l'entourage"
  * ^designation[+].language = #en
  * ^designation[=].value = "Isolation, lack of support"
* #isolation #living-alone "Vit seul"
  * ^designation[+].language = #en
  * ^designation[=].value = "Lives alone"
* #isolation #no-support "Sans soutien social ni familial"
  * ^designation[+].language = #en
  * ^designation[=].value = "No social or family support"
* #isolation #exhausted-carers "Aidants épuisés"
  * ^designation[+].language = #en
  * ^designation[=].value = "Exhausted carers"
* #isolation #isolation-other "Autre isolement"
  * ^designation[+].language = #en
  * ^designation[=].value = "Other isolation"
* #socio-economic "Difficultés socio-économiques"
  * ^designation[+].language = #en
  * ^designation[=].value = "Social and economic difficulties"
* #socio-economic #social-difficulty "Difficultés d'ordre social (emploi, logement...)"
  * ^designation[+].language = #en
  * ^designation[=].value = "Social difficulties (work, housing...)"
* #socio-economic #economic-difficulty "Difficultés économiques (faibles ressources...)"
  * ^designation[+].language = #en
  * ^designation[=].value = "Economic difficulties (low income...)"
* #socio-economic #cultural-barrier "Frein culturel (langue, culture, niveau d'éducation...)"
  * ^designation[+].language = #en
  * ^designation[=].value = "Cultural barrier (language, culture, schooling...)"
* #socio-economic #socio-economic-other "Autre difficulté socio-économique"
  * ^designation[+].language = #en
  * ^designation[=].value = "Other social or economic difficulty"
* #use-of-care "Recours aux soins"
  * ^designation[+].language = #en
  * ^designation[=].value = "Use of care"
* #use-of-care #difficulties-told-by-team "Difficultés rapportées par l'équipe de soins primaires"
  * ^designation[+].language = #en
  * ^designation[=].value = "Difficulties that the primary care team tells"
* #use-of-care #many-emergency-visits "Passages nombreux aux urgences"
  * ^designation[+].language = #en
  * ^designation[=].value = "Many visits to the emergency department"
* #use-of-care #repeated-stays "Hospitalisations répétées"
  * ^designation[+].language = #en
  * ^designation[=].value = "Repeated hospital stays"
* #use-of-care #use-of-care-other "Autre difficulté de recours aux soins"
  * ^designation[+].language = #en
  * ^designation[=].value = "Other difficulty in using care"

CodeSystem: ScoredAnswer
Id: scored-answer
Title: "Answers that count"
Description: "The degrees that the scored questions of our forms share; the weight of each stands in the form (ordinalValue)."
* insert Metadata
* insert French([[Réponses cotées]], [[Les degrés communs aux questions cotées de nos formulaires ; le poids de chacun est dans le formulaire (ordinalValue).]])
* ^caseSensitive = true
* #none "Aucune difficulté"
  * ^designation[+].language = #en
  * ^designation[=].value = "No difficulty"
* #some "Difficulté partielle ou aide occasionnelle"
  * ^designation[+].language = #en
  * ^designation[=].value = "Some difficulty or occasional help"
* #severe "Difficulté importante ou aide quotidienne"
  * ^designation[+].language = #en
  * ^designation[=].value = "Great difficulty or daily help"
* #never "Jamais"
  * ^designation[+].language = #en
  * ^designation[=].value = "Never"
* #sometimes "Parfois"
  * ^designation[+].language = #en
  * ^designation[=].value = "Sometimes"
* #often "Souvent"
  * ^designation[+].language = #en
  * ^designation[=].value = "Often"
* #very-poor "Très insatisfait"
  * ^designation[+].language = #en
  * ^designation[=].value = "Very dissatisfied"
* #poor "Insatisfait"
  * ^designation[+].language = #en
  * ^designation[=].value = "Dissatisfied"
* #good "Satisfait"
  * ^designation[+].language = #en
  * ^designation[=].value = "Satisfied"
* #very-good "Très satisfait"
  * ^designation[+].language = #en
  * ^designation[=].value = "Very satisfied"
* #not-met "Non atteint"
  * ^designation[+].language = #en
  * ^designation[=].value = "Not met"
* #partly-met "Atteint en partie"
  * ^designation[+].language = #en
  * ^designation[=].value = "Partly met"
* #met "Atteint"
  * ^designation[+].language = #en
  * ^designation[=].value = "Met"

CodeSystem: RequesterKind
Id: requester-kind
Title: "Who asks for help"
Description: "Not always a physician: mostly social workers in Basse-Normandie, the person or the family after a brain injury."
* insert Metadata
* insert French([[Qui demande de l'aide]], [[Pas toujours un médecin : surtout des travailleurs sociaux en Basse-Normandie, la personne ou sa famille après une lésion cérébrale.]])
* ^caseSensitive = true
* #general-practitioner "Médecin traitant"
  * ^designation[+].language = #en
  * ^designation[=].value = "The person's general practitioner"
* #physician "Autre médecin"
  * ^designation[+].language = #en
  * ^designation[=].value = "Another physician"
* #social-worker "Travailleur social"
  * ^designation[+].language = #en
  * ^designation[=].value = "A social worker"
* #health-professional "Autre professionnel de santé"
  * ^designation[+].language = #en
  * ^designation[=].value = "Another health professional"
* #hospital "Établissement de santé"
  * ^designation[+].language = #en
  * ^designation[=].value = "A hospital"
* #person "La personne elle-même"
  * ^designation[+].language = #en
  * ^designation[=].value = "The person"
* #family "La famille ou un aidant"
  * ^designation[+].language = #en
  * ^designation[=].value = "The family or a carer"
