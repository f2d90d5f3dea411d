// HAS, "Comment organiser une fonction d'appui...", 2014, annexe 4: filled by the support structure. The physician who prescribes is widened to
// any requester (a social worker, the person, the family), and kept where there is one. $extract makes a problem of each box that is ticked.
Instance: inclusion-has-2014
InstanceOf: Questionnaire
Usage: #definition
* insert Form([[Fiche d'inclusion : personne pouvant bénéficier d'une assistance au parcours]], [[Inclusion form: a person who may benefit from help along the pathway]])
* url = "https://passerelle.care/fhir/Questionnaire/inclusion-has-2014"
* name = "InclusionHas2014"
* copyright = "D'après la Haute Autorité de santé (HAS), fonctions d'appui aux professionnels de santé, 2014, annexe 4 (exemple de fiche d'inclusion)."
* code = $loinc#34842-5
* contained[+] = inclusion-problem
* insert LaunchPatient
* insert LaunchUser
* insert Query(circles, [[CareTeam?patient={{%patient.id}}&status=active&_count=1]])
* item[+]
  * insert Item(requester, group, [[Demandeur]], [[Requester]])
  * item[+]
    * insert Item(requester-kind, choice, [[Qui demande ?]], [[Who asks?]])
    * insert Required
    * answerOption[+].valueCoding = $requester-kind#general-practitioner "Médecin traitant"
    * answerOption[+].valueCoding = $requester-kind#physician "Autre médecin"
    * answerOption[+].valueCoding = $requester-kind#social-worker "Travailleur social"
    * answerOption[+].valueCoding = $requester-kind#health-professional "Autre professionnel de santé"
    * answerOption[+].valueCoding = $requester-kind#hospital "Établissement de santé"
    * answerOption[+].valueCoding = $requester-kind#person "La personne elle-même"
    * answerOption[+].valueCoding = $requester-kind#family "La famille ou un aidant"
  * item[+]
    * insert Item(requester-name, string, [[Nom et prénom]], [[Family name and given name]])
    * insert Required
    * insert Initial([[%user.name.first().select(given.first() + ' ' + family)]])
  * item[+]
    * insert Item(request-date, date, [[Date]], [[Date]])
    * insert Required
    * insert Initial([[today()]])
  * item[+]
    * insert Item(requester-address, string, [[Adresse]], [[Address]])
  * item[+]
    * insert Item(requester-phone, string, [[Numéro de téléphone]], [[Telephone number]])
  * item[+]
    * insert Item(physician, string, [[Médecin prescripteur ou traitant, s'il y en a un]], [[Prescribing or general physician, if there is one]])
    * insert Initial([[(%circles.entry.resource.participant.where(role.coding.where(code = 'PCP').exists() and period.end.empty()).member.display | %patient.generalPractitioner.display).first()]])
    * enableWhen[+].question = "requester-kind"
    * enableWhen[=].operator = #!=
    * enableWhen[=].answerCoding = $requester-kind#general-practitioner
* item[+]
  * insert Item(patient, group, [[Patient]], [[Patient]])
  * item[+]
    * insert Item(family-name, string, [[Nom]], [[Family name]])
    * insert Required
    * insert Initial([[%patient.name.where(use = 'official' or use.empty()).first().family]])
  * item[+]
    * insert Item(given-name, string, [[Prénom]], [[Given name]])
    * insert Required
    * insert Initial([[%patient.name.where(use = 'official' or use.empty()).first().given.first()]])
  * item[+]
    * insert Item(birth-date, date, [[Date de naissance]], [[Date of birth]])
    * insert Initial([[%patient.birthDate]])
  * item[+]
    * insert Item(gender, choice, [[Sexe]], [[Sex]])
    * answerOption[+].valueCoding = $administrative-gender#male "Masculin"
    * answerOption[+].valueCoding = $administrative-gender#female "Féminin"
    * answerOption[+].valueCoding = $administrative-gender#unknown "Inconnu"
    * insert Initial([[%qitem.answerOption.value.where(code = %patient.gender)]])
  * item[+]
    * insert Item(phone, string, [[Numéro de téléphone]], [[Telephone number]])
    * insert Initial([[%patient.telecom.where(system = 'phone').first().value]])
  * item[+]
    * insert Item(address, string, [[Adresse]], [[Address]])
    * insert Initial([[%patient.address.first().select((line | postalCode | city).join(' '))]])
* item[+]
  * insert Item(reasons, group, [[Motifs d'inclusion]], [[Reasons for inclusion]])
  * item[+]
    * insert Item(health, group, [[Problèmes sanitaires]], [[Health problems]])
    * item[+]
      * insert Item(health-reasons, choice, [[Cocher ce qui s'applique]], [[Tick what applies]])
      * repeats = true
      * insert CheckBoxes
      * insert Extracted(inclusion-problem)
      * answerOption[+].valueCoding = $inclusion-reason#severe-disease "Pathologie sévère"
      * answerOption[+].valueCoding = $inclusion-reason#polypathology "Polypathologie (au moins trois pathologies chroniques)"
      * answerOption[+].valueCoding = $inclusion-reason#loss-of-autonomy "Perte d'autonomie"
      * answerOption[+].valueCoding = $inclusion-reason#health-other "Autre problème sanitaire"
    * item[+]
      * insert Item(health-other-text, string, [[Préciser]], [[Say which]])
      * insert Required
      * enableWhen[+].question = "health-reasons"
      * enableWhen[=].operator = #=
      * enableWhen[=].answerCoding = $inclusion-reason#health-other
  * item[+]
    * insert Item(self-management, group, [[Incapacité à gérer son parcours]], [[Unable to manage the pathway]])
    * item[+]
      * insert Item(self-management-reasons, choice, [[Cocher ce qui s'applique]], [[Tick what applies]])
      * repeats = true
      * insert CheckBoxes
      * insert Extracted(inclusion-problem)
      * answerOption[+].valueCoding = $inclusion-reason#cognitive-disorder "Troubles cognitifs"
      * answerOption[+].valueCoding = $inclusion-reason#mood-disorder "Troubles de l'humeur"
      * answerOption[+].valueCoding = $inclusion-reason#behavioural-disorder "Troubles comportementaux"
      * answerOption[+].valueCoding = $inclusion-reason#addiction "Troubles addictifs"
      * answerOption[+].valueCoding = $inclusion-reason#self-management-other "Autre incapacité à gérer son parcours"
    * item[+]
      * insert Item(self-management-other-text, string, [[Préciser]], [[Say which]])
      * insert Required
      * enableWhen[+].question = "self-management-reasons"
      * enableWhen[=].operator = #=
      * enableWhen[=].answerCoding = $inclusion-reason#self-management-other
  * item[+]
    * insert Item(isolation, group, [[Isolement, défaut de soutien de l'entourage]], [[Isolation, lack of support]])
    * item[+]
      * insert Item(isolation-reasons, choice, [[Cocher ce qui s'applique]], [[Tick what applies]])
      * repeats = true
      * insert CheckBoxes
      * insert Extracted(inclusion-problem)
      * answerOption[+].valueCoding = $inclusion-reason#living-alone "Vit seul"
      * answerOption[+].valueCoding = $inclusion-reason#no-support "Sans soutien social ni familial"
      * answerOption[+].valueCoding = $inclusion-reason#exhausted-carers "Aidants épuisés"
      * answerOption[+].valueCoding = $inclusion-reason#isolation-other "Autre isolement"
    * item[+]
      * insert Item(isolation-other-text, string, [[Préciser]], [[Say which]])
      * insert Required
      * enableWhen[+].question = "isolation-reasons"
      * enableWhen[=].operator = #=
      * enableWhen[=].answerCoding = $inclusion-reason#isolation-other
  * item[+]
    * insert Item(socio-economic, group, [[Difficultés socio-économiques]], [[Social and economic difficulties]])
    * item[+]
      * insert Item(socio-economic-reasons, choice, [[Cocher ce qui s'applique]], [[Tick what applies]])
      * repeats = true
      * insert CheckBoxes
      * insert Extracted(inclusion-problem)
      * answerOption[+].valueCoding = $inclusion-reason#social-difficulty "Difficultés d'ordre social (emploi, logement...)"
      * answerOption[+].valueCoding = $inclusion-reason#economic-difficulty "Difficultés économiques (faibles ressources...)"
      * answerOption[+].valueCoding = $inclusion-reason#cultural-barrier "Frein culturel (langue, culture, niveau d'éducation...)"
      * answerOption[+].valueCoding = $inclusion-reason#socio-economic-other "Autre difficulté socio-économique"
    * item[+]
      * insert Item(socio-economic-other-text, string, [[Préciser]], [[Say which]])
      * insert Required
      * enableWhen[+].question = "socio-economic-reasons"
      * enableWhen[=].operator = #=
      * enableWhen[=].answerCoding = $inclusion-reason#socio-economic-other
  * item[+]
    * insert Item(use-of-care, group, [[Recours aux soins]], [[Use of care]])
    * item[+]
      * insert Item(use-of-care-reasons, choice, [[Cocher ce qui s'applique]], [[Tick what applies]])
      * repeats = true
      * insert CheckBoxes
      * insert Extracted(inclusion-problem)
      * answerOption[+].valueCoding = $inclusion-reason#difficulties-told-by-team "Difficultés rapportées par l'équipe de soins primaires"
      * answerOption[+].valueCoding = $inclusion-reason#many-emergency-visits "Passages nombreux aux urgences"
      * answerOption[+].valueCoding = $inclusion-reason#repeated-stays "Hospitalisations répétées"
      * answerOption[+].valueCoding = $inclusion-reason#use-of-care-other "Autre difficulté de recours aux soins"
    * item[+]
      * insert Item(use-of-care-other-text, string, [[Préciser]], [[Say which]])
      * insert Required
      * enableWhen[+].question = "use-of-care-reasons"
      * enableWhen[=].operator = #=
      * enableWhen[=].answerCoding = $inclusion-reason#use-of-care-other
* item[+]
  * insert Item(needs, text, [[Besoins de la personne]], [[The person's needs]])
  * insert Required
