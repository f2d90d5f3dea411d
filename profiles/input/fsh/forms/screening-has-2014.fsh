// HAS, "Questionnaire de repérage des personnes pouvant bénéficier d'une assistance au parcours", 2014, annexe 3: eight questions, O, N or ?.
// Two O among the first six (one for a PPS, footnote 3) open the last two. A ? never counts, neither as O nor as N: where it could still
// make up the number, nothing is concluded.
Instance: screening-has-2014
InstanceOf: Questionnaire
Usage: #definition
* insert Form([[Repérage des personnes pouvant bénéficier d'une assistance au parcours]], [[Screening: who may benefit from help along the pathway]])
* url = "https://passerelle.care/fhir/Questionnaire/screening-has-2014"
* name = "ScreeningHas2014"
* copyright = "D'après la Haute Autorité de santé (HAS), 2014, annexe 3 : questionnaire de repérage des personnes pouvant bénéficier d'une assistance au parcours."
* insert LaunchPatient
* insert Query(encounters, [[Encounter?patient={{%patient.id}}&status=arrived,triaged,in-progress,onleave,finished&date=ge{{today() - 6 months}}&class=EMER,IMP,ACUTE,NONAC&_count=100]])
* insert Query(conditions, [[Condition?patient={{%patient.id}}&clinical-status=active,recurrence,relapse&_count=100]])
* insert Query(prescriptions, [[MedicationRequest?patient={{%patient.id}}&status=active&_count=100]])
* insert Query(treatments, [[MedicationStatement?patient={{%patient.id}}&status=active&_count=100]])
// A problem of the person's situation or of a carer is no disease, nor is a box of the inclusion form; what was ruled out, or noted by mistake, is none either.
* insert Variable(diseases, [[%conditions.entry.resource.where(category.coding.where(system = 'https://passerelle.care/fhir/CodeSystem/problem-domain' and (code = 'social' or code = 'autonomy' or code = 'carer' or code = 'use-of-care')).empty() and verificationStatus.coding.where(code = 'refuted' or code = 'entered-in-error').empty() and code.coding.where(system = 'https://passerelle.care/fhir/CodeSystem/inclusion-reason').empty())]])
* insert Variable(threshold, [[iif(%resource.item.where(linkId = 'purpose').answer.value.code = 'pps', 1, 2)]])
* insert Variable(yesCount, [[%resource.item.where(linkId = 'criteria').item.answer.value.where(code = 'O').count()]])
* insert Variable(unknownCount, [[%resource.item.where(linkId = 'criteria').item.answer.value.where(code = '?').count()]])
* insert Variable(answered, [[%resource.item.where(linkId = 'criteria').item.answer.count()]])
* insert Variable(needed, [[%resource.item.where(linkId = 'judgement').item.where(linkId = 'needed').answer.value.code]])
* insert Variable(accepted, [[%resource.item.where(linkId = 'judgement').item.where(linkId = 'accepted').answer.value.code]])
* item[+]
  * insert Item(purpose, choice, [[Le repérage vise]], [[The screening is for]])
  * insert Required
  * answerOption[+].valueCoding = $screening-purpose#assistance "Assistance au parcours (deux critères)"
  * answerOption[=].initialSelected = true
  * answerOption[+].valueCoding = $screening-purpose#pps "Plan personnalisé de santé, PPS (un critère)"
* item[+]
  * insert Item(criteria, group, [[La personne]], [[The person]])
  * item[+]
    * insert Item(emergency-stay, choice, [[A-t-elle été hospitalisée en urgence (au moins une fois depuis 6 mois) ?]], [[Was there an emergency hospital stay (at least one in 6 months)?]])
    * insert Required
    * insert YesNoUnknownOptions
    * insert Initial([[iif(%encounters.entry.resource.where(class.code = 'EMER' or priority.coding.where(code = 'EM').exists() or hospitalization.admitSource.coding.where(code = 'emd').exists()).exists(), %qitem.answerOption.value.where(code = 'O'), {})]])
  * item[+]
    * insert Item(polypathology, choice, [[A-t-elle une polypathologie (n ≥ 3) ou une insuffisance d'organe sévère (cardiaque, respiratoire, rénale), ou une polymédication (n ≥ 10) ?]], [[Are there several diseases (n ≥ 3), a severe organ failure (heart, lungs, kidney) or many medicines (n ≥ 10)?]])
    * insert Required
    * insert YesNoUnknownOptions
    * insert Variable(organFailure, [[%diseases.where(severity.coding.where(system = 'http://snomed.info/sct' and (code = '255604002' or code = '6736007')).empty()).code.coding.where(system = 'http://hl7.org/fhir/sid/icd-10' and code.matches('^(I50|J96|N18$|N18[.]?[04-9])'))]])
    * insert Variable(medicines, [[(%prescriptions | %treatments).entry.resource.medication.select(iif($this is Reference, reference, iif(coding.code.exists(), coding.code.first(), text))).distinct()]])
    * insert Initial([[iif(%diseases.count() >= 3 or %organFailure.exists() or %medicines.count() >= 10, %qitem.answerOption.value.where(code = 'O'), {})]])
  * item[+]
    * insert Item(mobility, choice, [[A-t-elle une restriction de ses déplacements ?]], [[Is it hard for the person to get about?]])
    * insert Required
    * insert YesNoUnknownOptions
  * item[+]
    * insert Item(cognition, choice, [[A-t-elle des troubles cognitifs, thymiques, comportementaux (dont addictions) ne lui permettant pas de gérer son parcours, ou mettant en difficulté l'aidant ou l'entourage ?]], [[Are there disorders of cognition, mood or behaviour (addictions included) that keep the person from managing the pathway or overburden the carers?]])
    * insert Required
    * insert YesNoUnknownOptions
  * item[+]
    * insert Item(socio-economic, choice, [[A-t-elle des problèmes socio-économiques (isolement, habitat, faibles ressources) ?]], [[Are there social or economic problems (isolation, housing, low income)?]])
    * insert Required
    * insert YesNoUnknownOptions
  * item[+]
    * insert Item(access-to-care, choice, [[A-t-elle des problèmes d'accès aux soins ou d'organisation des soins ?]], [[Are there problems of access to care or of its organisation?]])
    * insert Required
    * insert YesNoUnknownOptions
* item[+]
  * insert Item(yes-count, integer, [[Nombre de critères présents]], [[Number of criteria met]])
  * insert Calculated([[%yesCount]])
* item[+]
  * insert Item(judgement, group, [[Le nombre de critères est atteint]], [[Enough criteria are met]])
  * insert EnabledBy([[%yesCount >= %threshold]])
  * item[+]
    * insert Item(needed, choice, [[La personne vous paraît-elle nécessiter une assistance au parcours ?]], [[Do you find that the person needs help along the pathway?]])
    * insert Required
    * insert YesNoUnknownOptions
  * item[+]
    * insert Item(accepted, choice, [[Si oui, accepte-t-elle cette assistance ?]], [[If so, does the person accept this help?]])
    * insert YesNoUnknownOptions
    * enableWhen[+].question = "needed"
    * enableWhen[=].operator = #=
    * enableWhen[=].answerCoding = $yes-no-unknown#O
* item[+]
  * insert Item(outcome, string, [[Résultat]], [[Outcome]])
  * insert Hidden
  * insert Calculated([[iif(%yesCount < %threshold, iif(%answered < 6, 'incomplete', iif(%yesCount + %unknownCount < %threshold, 'below-threshold', 'undetermined')), iif(%needed = 'N', 'not-needed', iif((%needed = 'O').not() or %needed.empty(), 'incomplete', iif(%accepted = 'O', 'referral', iif(%accepted = 'N', 'refused', iif(%accepted = '?', 'ask-again', 'incomplete'))))))]])
* item[+]
  * insert Item(outcome-incomplete, display, [[Repérage incomplet : il manque des réponses, ou la nécessité d'une assistance n'est pas tranchée. À reprendre.]], [[Incomplete: answers are missing, or whether help is needed is not decided. Go on later.]])
  * insert EnabledByString(outcome, incomplete)
* item[+]
  * insert Item(outcome-below-threshold, display, [[Trop peu de critères : pas d'assistance proposée. Le questionnaire est gardé.]], [[Too few criteria: no help is proposed. The form is kept.]])
  * insert EnabledByString(outcome, below-threshold)
* item[+]
  * insert Item(outcome-undetermined, display, [[On ne peut pas conclure : les réponses « Ne sait pas » peuvent encore faire atteindre le nombre de critères. À lever, puis reprendre ; le questionnaire est gardé.]], [[Nothing can be concluded: what is not known may still make up the number of criteria. Find out, then go on; the form is kept.]])
  * insert EnabledByString(outcome, undetermined)
* item[+]
  * insert Item(outcome-not-needed, display, [[Jugement clinique : pas d'assistance nécessaire. Le questionnaire est gardé.]], [[Clinical judgement: no help is needed. The form is kept.]])
  * insert EnabledByString(outcome, not-needed)
* item[+]
  * insert Item(outcome-refused, display, [[La personne refuse : pas d'orientation, le refus est noté.]], [[The person refuses: no referral, the refusal is recorded.]])
  * insert EnabledByString(outcome, refused)
* item[+]
  * insert Item(outcome-ask-again, display, [[L'accord de la personne n'est pas connu : pas d'orientation, le redemander plus tard.]], [[Whether the person accepts is not known: no referral, ask again later.]])
  * insert EnabledByString(outcome, ask-again)
* item[+]
  * insert Item(outcome-referral, display, [[La personne accepte : l'orienter vers la structure d'appui.]], [[The person accepts: refer to the support structure.]])
  * insert EnabledByString(outcome, referral)
