// PRADO: HAS names it as a programme of the health insurance for the return home. Its own flows were not at hand, so this is no more than a frame: a
// visit in the ward, the person's agreement, first appointments made before discharge. No conformance to the programme is claimed.
Instance: prado
InstanceOf: PasserellePlanDefinition
Usage: #definition
* insert Knowledge([[Retour à domicile avec un conseiller de l'assurance maladie (PRADO)]], [[Return home with an adviser of the health insurance (PRADO)]], [[Trame du programme de retour à domicile : rencontre dans le service, accord de la personne, premiers rendez-vous pris avant la sortie, médecin traitant prévenu. Les modalités du programme sont à compléter.]], [[The frame of the programme for the return home: a visit in the ward, the person's agreement, first appointments made before discharge, the general practitioner told. The programme's own terms are to be filled in.]])
* url = "https://passerelle.care/fhir/PlanDefinition/prado"
* name = "Prado"
* status = #draft
* type = $plan-definition-type#workflow-definition
* insert Cited([[HAS, Comment organiser les fonctions d'appui aux professionnels de soins primaires ?, 2014, transition hôpital-domicile]])
* insert For([[Sortie d'hospitalisation vers le domicile]])
* goal[+].id = "continuity"
* goal[=].description.text = "Aucune rupture entre l'hôpital et le domicile"
* action[+]
  * insert Step(propose, [[Proposer le retour accompagné dans le service]], practitioner, $TRE_G15, 10, [[Médecin]])
  * goalId = "continuity"
* action[+]
  * insert Step(meet, [[Rencontrer la personne et recueillir son accord]], practitioner, $TRE_R85, 336, [[Autre professionnel intervenant dans l'accueil et l'orientation des personnes]])
  * insert Does(prado-meeting)
  * insert AfterStep(propose, 0, 2)
* action[+]
  * insert Step(appointments, [[Prendre les premiers rendez-vous en ville]], practitioner, $TRE_R85, 336, [[Autre professionnel intervenant dans l'accueil et l'orientation des personnes]])
  * insert Does(prado-first-appointments)
  * insert AfterStep(meet, 0, 2)
* action[+]
  * insert Step(tell, [[Prévenir le médecin traitant]], practitioner, $TRE_R85, 336, [[Autre professionnel intervenant dans l'accueil et l'orientation des personnes]])
  * insert Does(prado-notice)
  * insert AfterStep(meet, 0, 1)
* action[+]
  * insert Step(first-visit, [[Première visite en ville]], practitioner, $TRE_G15, 60, [[Infirmier]])
  * insert AfterStep(appointments, 0, 7)

Instance: prado-meeting
InstanceOf: PasserelleActivityDefinition
Usage: #definition
* insert Knowledge([[Rencontre avant la sortie]], [[Meeting before discharge]], [[Le conseiller rencontre la personne dans le service ; sans son accord, rien ne suit.]], [[The adviser meets the person in the ward; without agreement nothing follows.]])
* url = "https://passerelle.care/fhir/ActivityDefinition/prado-meeting"
* name = "PradoMeeting"
* insert Activity(Appointment, [[Rencontre avant la sortie]], practitioner, $TRE_R85, 336, [[Autre professionnel intervenant dans l'accueil et l'orientation des personnes]])

Instance: prado-first-appointments
InstanceOf: PasserelleActivityDefinition
Usage: #definition
* insert Knowledge([[Premiers rendez-vous en ville]], [[First appointments outside]], [[Médecin traitant, infirmier ou autre professionnel que la personne choisit.]], [[General practitioner, nurse or another professional whom the person chooses.]])
* url = "https://passerelle.care/fhir/ActivityDefinition/prado-first-appointments"
* name = "PradoFirstAppointments"
* insert Activity(Task, [[Premiers rendez-vous en ville]], practitioner, $TRE_R85, 336, [[Autre professionnel intervenant dans l'accueil et l'orientation des personnes]])

Instance: prado-notice
InstanceOf: PasserelleActivityDefinition
Usage: #definition
* insert Knowledge([[Information du médecin traitant]], [[Telling the general practitioner]], [[Date de sortie, rendez-vous pris, qui appeler.]], [[Date of discharge, appointments made, whom to call.]])
* url = "https://passerelle.care/fhir/ActivityDefinition/prado-notice"
* name = "PradoNotice"
* insert Activity(CommunicationRequest, [[Information du médecin traitant]], practitioner, $TRE_R85, 336, [[Autre professionnel intervenant dans l'accueil et l'orientation des personnes]])
