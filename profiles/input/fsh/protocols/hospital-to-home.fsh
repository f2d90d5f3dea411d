// From the hospital to home, HAS 2014 focus 4: three times (during the stay, at discharge, at home for 30 to 90 days). It opens for a person already
// followed or who accepted it; a start upstream is a success factor.
Instance: hospital-to-home
InstanceOf: PasserellePlanDefinition
Usage: #definition
* insert Knowledge([[De l'hôpital au domicile : suivi de 30 à 90 jours]], [[From hospital to home: followed for 30 to 90 days]], [[Trois temps : pendant l'hospitalisation, à la sortie, puis au domicile pendant 30 à 90 jours. Pour une personne déjà suivie ou qui l'a accepté ; pour toute autre, le médecin traitant est prévenu et le repérage proposé.]], [[Three times: during the stay, at discharge, then at home for 30 to 90 days. For a person already followed or who accepted it; for anyone else the general practitioner is told and screening proposed.]])
* url = "https://passerelle.care/fhir/PlanDefinition/hospital-to-home"
* name = "HospitalToHome"
* status = #draft
* type = $plan-definition-type#workflow-definition
* insert Cited([[HAS, Comment organiser les fonctions d'appui aux professionnels de soins primaires ?, 2014, focus 4]])
* insert For([[Polypathologie]])
* insert For([[Insuffisance cardiaque]])
* insert FromAge(75)
* goal[+].id = "no-readmission"
* goal[=].description.text = "Pas de réhospitalisation non programmée à 30 jours"
* goal[=].target[+].due = 30 'd' "jours"
* action[+]
  * insert Step(preparation, [[Préparer la sortie avec le service]], practitioner, $TRE_R85, 330, [[Coordonnateur de parcours]])
  * insert Does(transition-preparation)
* action[+]
  * insert Step(discharge, [[Recueillir la lettre de liaison et les besoins du jour de la sortie]], practitioner, $TRE_R85, 330, [[Coordonnateur de parcours]])
  * insert Does(transition-discharge)
  * insert AfterStep(preparation, 0, 30)
* action[+]
  * insert Step(first-call, [[Appeler la personne ou son aidant]], practitioner, $TRE_R85, 330, [[Coordonnateur de parcours]])
  * definitionCanonical = "https://passerelle.care/fhir/Questionnaire/post-discharge-call"
  * insert AfterStep(discharge, 1, 3)
  * goalId = "no-readmission"
* action[+]
  * insert Step(visit, [[Visiter à domicile]], practitioner, $TRE_G15, 60, [[Infirmier]])
  * insert Does(transition-visit)
  * insert AfterStep(discharge, 1, 7)
  * goalId = "no-readmission"
* action[+]
  * insert Step(gp, [[Voir le médecin traitant]], practitioner, $TRE_G15, 10, [[Médecin]])
  * insert AfterStep(discharge, 1, 14)
* action[+]
  * insert Step(feedback, [[Rendre compte au médecin traitant]], practitioner, $TRE_R85, 330, [[Coordonnateur de parcours]])
  * insert Does(transition-feedback)
  * insert AfterStep(first-call, 0, 1)
* action[+]
  * insert Step(end, [[Décider : fin, relais ou accompagnement]], practitioner, $TRE_R85, 330, [[Coordonnateur de parcours]])
  * insert Does(transition-end)
  * insert AfterStep(discharge, 30, 90)

Instance: transition-preparation
InstanceOf: PasserelleActivityDefinition
Usage: #definition
* insert Knowledge([[Préparation de la sortie]], [[Preparing the discharge]], [[Dès l'admission ou la demande du service : ce qui existe au domicile, ce qui manque, la date prévue.]], [[From admission or the ward's request: what there is at home, what lacks, the expected date.]])
* url = "https://passerelle.care/fhir/ActivityDefinition/transition-preparation"
* name = "TransitionPreparation"
* insert Activity(Task, [[Préparation de la sortie]], practitioner, $TRE_R85, 330, [[Coordonnateur de parcours]])
* profile = Canonical(PasserelleWardRequest)

Instance: transition-discharge
InstanceOf: PasserelleActivityDefinition
Usage: #definition
* insert Knowledge([[Jour de la sortie]], [[Day of discharge]], [[Lettre de liaison reçue, ordonnances comprises, aides prêtes.]], [[Discharge letter received, prescriptions understood, help ready.]])
* url = "https://passerelle.care/fhir/ActivityDefinition/transition-discharge"
* name = "TransitionDischarge"
* insert Activity(Task, [[Jour de la sortie]], practitioner, $TRE_R85, 330, [[Coordonnateur de parcours]])

Instance: transition-visit
InstanceOf: PasserelleActivityDefinition
Usage: #definition
* insert Knowledge([[Visite à domicile]], [[Home visit]], [[L'infirmier voit la personne chez elle dans la semaine.]], [[The nurse sees the person at home within the week.]])
* url = "https://passerelle.care/fhir/ActivityDefinition/transition-visit"
* name = "TransitionVisit"
* insert Activity(Appointment, [[Visite à domicile]], practitioner, $TRE_G15, 60, [[Infirmier]])
* profile = Canonical(PasserelleAppointment)

Instance: transition-feedback
InstanceOf: PasserelleActivityDefinition
Usage: #definition
* insert Knowledge([[Retour d'information au médecin traitant]], [[Feedback to the general practitioner]], [[Ce que l'appel ou la visite a montré, et ce qui est fait.]], [[What the call or visit showed, and what is done.]])
* url = "https://passerelle.care/fhir/ActivityDefinition/transition-feedback"
* name = "TransitionFeedback"
* insert Activity(CommunicationRequest, [[Retour d'information au médecin traitant]], practitioner, $TRE_R85, 330, [[Coordonnateur de parcours]])
* profile = Canonical(PasserelleCommunication)

Instance: transition-end
InstanceOf: PasserelleActivityDefinition
Usage: #definition
* insert Knowledge([[Fin du suivi de sortie]], [[End of the follow-up]], [[Entre le 30e et le 90e jour : arrêter, passer le relais ou inclure la personne.]], [[Between day 30 and day 90: stop, hand over, or include the person.]])
* url = "https://passerelle.care/fhir/ActivityDefinition/transition-end"
* name = "TransitionEnd"
* insert Activity(Task, [[Fin du suivi de sortie]], practitioner, $TRE_R85, 330, [[Coordonnateur de parcours]])
* timingRange.low = 30 'd' "jours"
* timingRange.high = 90 'd' "jours"
* profile = Canonical(PasserelleReevaluation)
