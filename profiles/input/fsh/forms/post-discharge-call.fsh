// The call after a discharge, within the 30 to 90 days that HAS names (2014, focus 4). Whether there is an alert is told where somebody answered:
// a trouble is one, what is not known is neither, and nobody on the telephone is no good news.
Instance: post-discharge-call
InstanceOf: Questionnaire
Usage: #definition
* insert Form([[Appel après la sortie de l'hôpital]], [[Call after discharge from hospital]])
* url = "https://passerelle.care/fhir/Questionnaire/post-discharge-call"
* name = "PostDischargeCall"
* copyright = "Passerelle, Apache-2.0. D'après la transition hôpital-domicile que décrit la HAS (fonctions d'appui, 2014, focus 4)."
* insert LaunchPatient
* insert Variable(situation, [[%resource.item.where(linkId = 'situation').item]])
* insert Variable(troubles, [[%situation.where((linkId = 'new-symptoms' and answer.value.code = 'O') or (linkId != 'new-symptoms' and answer.value.code = 'N'))]])
* insert Variable(known, [[%situation.where(linkId != 'carer-copes').answer.value.where(code = 'O' or code = 'N')]])
* insert Query(stays, [[Encounter?patient={{%patient.id}}&status=finished&_sort=-date&_count=1]])
* item[+]
  * insert Item(discharged-on, date, [[Date de sortie]], [[Date of discharge]])
  * insert Initial([[%stays.entry.resource.period.end.toString().substring(0, 10).toDate()]])
* item[+]
  * insert Item(called-at, dateTime, [[Date et heure de l'appel]], [[When the call was made]])
  * insert Required
  * insert Initial([[now()]])
* item[+]
  * insert Item(reached, boolean, [[La personne ou son aidant a-t-il répondu ?]], [[Did the person or the carer answer?]])
  * insert Required
* item[+]
  * insert Item(situation, group, [[Situation à domicile]], [[The situation at home]])
  * enableWhen[+].question = "reached"
  * enableWhen[=].operator = #=
  * enableWhen[=].answerBoolean = true
  * item[+]
    * insert Item(instructions-understood, choice, [[Les consignes de sortie sont-elles comprises ?]], [[Are the discharge instructions understood?]])
    * insert Required
    * insert YesNoUnknownOptions
  * item[+]
    * insert Item(medicines-obtained, choice, [[Les médicaments prescrits sont-ils à la maison ?]], [[Are the prescribed medicines at home?]])
    * insert Required
    * insert YesNoUnknownOptions
  * item[+]
    * insert Item(help-in-place, choice, [[Les aides et soins prévus sont-ils en place ?]], [[Are the planned help and care in place?]])
    * insert Required
    * insert YesNoUnknownOptions
  * item[+]
    * insert Item(appointment-made, choice, [[Un rendez-vous avec le médecin traitant est-il pris ?]], [[Is an appointment made with the general practitioner?]])
    * insert Required
    * insert YesNoUnknownOptions
  * item[+]
    * insert Item(new-symptoms, choice, [[Y a-t-il de nouveaux symptômes ou une aggravation ?]], [[Are there new symptoms, or is anything worse?]])
    * insert Required
    * insert YesNoUnknownOptions
  * item[+]
    * insert Item(carer-copes, choice, [[L'aidant, s'il y en a un, tient-il le coup ?]], [[If there is a carer, does the carer cope?]])
    * insert YesNoUnknownOptions
* item[+]
  * insert Item(alert, boolean, [[Alerte à transmettre au médecin traitant]], [[An alert to pass to the general practitioner]])
  * insert Calculated([[iif(%resource.item.where(linkId = 'reached').answer.value = true, iif(%troubles.exists(), true, iif(%known.count() = 5, false, {})), {})]])
* item[+]
  * insert Item(needs, text, [[Besoins exprimés, suites données]], [[Needs told, and what is done]])
* item[+]
  * insert Item(next-contact, date, [[Prochain contact (dans les 30 à 90 jours après la sortie)]], [[Next contact (30 to 90 days after discharge)]])
