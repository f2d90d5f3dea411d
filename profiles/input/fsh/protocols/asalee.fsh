// ASALEE, as HAS tells it (2014): nurses keep the records of persons with diabetes or a cardiovascular risk, do delegated examinations, and teach.
Instance: asalee
InstanceOf: PasserellePlanDefinition
Usage: #definition
* insert Knowledge([[Suivi par une infirmière ASALEE]], [[Follow-up by an ASALEE nurse]], [[Personnes diabétiques ou à risque cardiovasculaire suivies dans un cabinet ou une maison de santé : dossier tenu à jour, rappels pour le médecin, examens délégués, éducation thérapeutique. Trame à adopter par l'équipe.]], [[Persons with diabetes or a cardiovascular risk in a practice or health house: records kept, reminders for the physician, delegated examinations, therapeutic education. A frame that a team adopts.]])
* url = "https://passerelle.care/fhir/PlanDefinition/asalee"
* name = "Asalee"
* status = #draft
* type = $plan-definition-type#clinical-protocol
* insert Cited([[HAS, Comment organiser les fonctions d'appui aux professionnels de soins primaires ?, 2014, aides ponctuelles au suivi]])
* insert For([[Diabète de type 2]])
* insert For([[Risque cardiovasculaire]])
* goal[+].id = "balance"
* goal[=].description.text = "Qualité du suivi et équilibre glycémique"
* action[+]
  * insert Step(record, [[Mettre à jour le dossier informatisé]], practitioner, $TRE_G15, 60, [[Infirmier]])
  * insert Does(asalee-record-update)
* action[+]
  * insert Step(reminder, [[Inscrire les rappels pour le médecin]], practitioner, $TRE_G15, 60, [[Infirmier]])
  * insert Does(asalee-reminder)
  * insert AfterStep(record, 0, 7)
* action[+]
  * insert Step(foot, [[Examiner les pieds]], practitioner, $TRE_G15, 60, [[Infirmier]])
  * insert Does(asalee-foot-examination)
  * goalId = "balance"
* action[+]
  * insert Step(spirometry, [[Faire une spirométrie de repérage]], practitioner, $TRE_G15, 60, [[Infirmier]])
  * insert Does(asalee-spirometry)
* action[+]
  * insert Step(cognition, [[Repérer les troubles cognitifs]], practitioner, $TRE_G15, 60, [[Infirmier]])
  * insert Does(asalee-cognitive-screening)
* action[+]
  * insert Step(education-alone, [[Consultation individuelle d'éducation thérapeutique]], practitioner, $TRE_G15, 60, [[Infirmier]])
  * insert Does(asalee-education-consultation)
  * goalId = "balance"
* action[+]
  * insert Step(education-group, [[Atelier collectif d'éducation thérapeutique]], practitioner, $TRE_G15, 60, [[Infirmier]])
  * insert Does(asalee-education-workshop)
  * goalId = "balance"
* action[+]
  * insert Step(decision, [[Décider des suites]], practitioner, $TRE_G15, 10, [[Médecin]])
  * insert AfterStep(reminder, 0, 30)

Instance: asalee-record-update
InstanceOf: PasserelleActivityDefinition
Usage: #definition
* insert Knowledge([[Mise à jour du dossier]], [[Record kept up to date]], [[Mise à jour du dossier, par l'infirmière ASALEE.]], [[Record kept up to date, by the ASALEE nurse.]])
* url = "https://passerelle.care/fhir/ActivityDefinition/asalee-record-update"
* name = "AsaleeRecordUpdate"
* insert Activity(Task, [[Mise à jour du dossier]], practitioner, $TRE_G15, 60, [[Infirmier]])

Instance: asalee-reminder
InstanceOf: PasserelleActivityDefinition
Usage: #definition
* insert Knowledge([[Rappel pour le médecin]], [[Reminder for the physician]], [[Rappel pour le médecin, par l'infirmière ASALEE.]], [[Reminder for the physician, by the ASALEE nurse.]])
* url = "https://passerelle.care/fhir/ActivityDefinition/asalee-reminder"
* name = "AsaleeReminder"
* insert Activity(CommunicationRequest, [[Rappel pour le médecin]], practitioner, $TRE_G15, 60, [[Infirmier]])

Instance: asalee-foot-examination
InstanceOf: PasserelleActivityDefinition
Usage: #definition
* insert Knowledge([[Examen du pied diabétique]], [[Examination of the diabetic foot]], [[Examen du pied diabétique, par l'infirmière ASALEE.]], [[Examination of the diabetic foot, by the ASALEE nurse.]])
* url = "https://passerelle.care/fhir/ActivityDefinition/asalee-foot-examination"
* name = "AsaleeFootExamination"
* insert Activity(ServiceRequest, [[Examen du pied diabétique]], practitioner, $TRE_G15, 60, [[Infirmier]])
* extension[delegated].valueBoolean = true
* insert Cited([[Protocole de coopération ASALEE, article 51 (loi HPST), cité par la HAS, 2014]])

Instance: asalee-spirometry
InstanceOf: PasserelleActivityDefinition
Usage: #definition
* insert Knowledge([[Spirométrie de repérage]], [[Screening spirometry]], [[Spirométrie de repérage, par l'infirmière ASALEE.]], [[Screening spirometry, by the ASALEE nurse.]])
* url = "https://passerelle.care/fhir/ActivityDefinition/asalee-spirometry"
* name = "AsaleeSpirometry"
* insert Activity(ServiceRequest, [[Spirométrie de repérage]], practitioner, $TRE_G15, 60, [[Infirmier]])
* extension[delegated].valueBoolean = true
* insert Cited([[Protocole de coopération ASALEE, article 51 (loi HPST), cité par la HAS, 2014]])

Instance: asalee-cognitive-screening
InstanceOf: PasserelleActivityDefinition
Usage: #definition
* insert Knowledge([[Repérage des troubles cognitifs]], [[Screening for cognitive disorder]], [[Repérage des troubles cognitifs, par l'infirmière ASALEE.]], [[Screening for cognitive disorder, by the ASALEE nurse.]])
* url = "https://passerelle.care/fhir/ActivityDefinition/asalee-cognitive-screening"
* name = "AsaleeCognitiveScreening"
* insert Activity(ServiceRequest, [[Repérage des troubles cognitifs]], practitioner, $TRE_G15, 60, [[Infirmier]])
* extension[delegated].valueBoolean = true
* insert Cited([[Protocole de coopération ASALEE, article 51 (loi HPST), cité par la HAS, 2014]])

Instance: asalee-education-consultation
InstanceOf: PasserelleActivityDefinition
Usage: #definition
* insert Knowledge([[Consultation individuelle d'éducation thérapeutique]], [[Therapeutic education, one to one]], [[Consultation individuelle d'éducation thérapeutique, par l'infirmière ASALEE.]], [[Therapeutic education, one to one, by the ASALEE nurse.]])
* url = "https://passerelle.care/fhir/ActivityDefinition/asalee-education-consultation"
* name = "AsaleeEducationConsultation"
* insert Activity(Appointment, [[Consultation individuelle d'éducation thérapeutique]], practitioner, $TRE_G15, 60, [[Infirmier]])

Instance: asalee-education-workshop
InstanceOf: PasserelleActivityDefinition
Usage: #definition
* insert Knowledge([[Atelier collectif d'éducation thérapeutique]], [[Therapeutic education in a group]], [[Atelier collectif d'éducation thérapeutique, par l'infirmière ASALEE.]], [[Therapeutic education in a group, by the ASALEE nurse.]])
* url = "https://passerelle.care/fhir/ActivityDefinition/asalee-education-workshop"
* name = "AsaleeEducationWorkshop"
* insert Activity(Appointment, [[Atelier collectif d'éducation thérapeutique]], practitioner, $TRE_G15, 60, [[Infirmier]])
