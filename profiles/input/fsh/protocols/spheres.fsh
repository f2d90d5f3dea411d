// SphereS' five conditions, as HAS tells them (2014): what would go to the emergency department is treated in town. Each says who is excluded, which
// examinations to have done, who watches. The clinical content (criteria, examinations, treatments) is the network's scientific committees': it is not copied here.
Instance: spheres-deep-vein-thrombosis
InstanceOf: PasserellePlanDefinition
Usage: #definition
* insert Knowledge([[Thrombose veineuse profonde : prise en charge en ville]], [[Deep vein thrombosis: care outside the hospital]], [[Trame d'une « sphère » : vérifier que rien n'exclut la prise en charge en ville, faire pratiquer les examens, engager le traitement selon le protocole du réseau, surveiller, prévenir le médecin traitant. L'équipe y met ses critères.]], [[The frame of a SphereS protocol: make sure that nothing excludes care outside the hospital, have the examinations done, treat by the network's protocol, watch, tell the general practitioner. A team puts its criteria in.]])
* url = "https://passerelle.care/fhir/PlanDefinition/spheres-deep-vein-thrombosis"
* name = "SpheresDeepVeinThrombosis"
* status = #draft
* type = $plan-definition-type#clinical-protocol
* insert Cited([[HAS, Comment organiser les fonctions d'appui aux professionnels de soins primaires ?, 2014, réseau SphereS]])
* insert For([[Thrombose veineuse profonde]])
* goal[+].id = "no-emergency"
* goal[=].description.text = "Éviter un passage aux urgences ou une hospitalisation"
* action[+]
  * insert Step(eligibility, [[Rechercher les critères d'exclusion]], practitioner, $TRE_G15, 10, [[Médecin]])
  * goalId = "no-emergency"
* action[+]
  * insert Step(examinations, [[Organiser les examens complémentaires]], practitioner, $TRE_R85, 330, [[Coordonnateur de parcours]])
  * insert Does(spheres-examinations)
  * insert AfterStep(eligibility, 0, 1)
  * insert Excluded([[Aucun critère d'exclusion du protocole]])
* action[+]
  * insert Step(treatment, [[Engager le traitement du protocole]], practitioner, $TRE_G15, 10, [[Médecin]])
  * insert AfterStep(examinations, 0, 1)
  * insert Excluded([[Aucun critère d'exclusion du protocole]])
* action[+]
  * insert Step(watch, [[Surveiller à domicile]], practitioner, $TRE_G15, 60, [[Infirmier]])
  * insert Does(spheres-surveillance)
  * insert AfterStep(treatment, 0, 7)
  * goalId = "no-emergency"
* action[+]
  * insert Step(report, [[Rendre compte au médecin traitant]], practitioner, $TRE_R85, 330, [[Coordonnateur de parcours]])
  * insert Does(spheres-report)
  * insert AfterStep(watch, 0, 1)

Instance: spheres-community-acquired-pneumonia
InstanceOf: PasserellePlanDefinition
Usage: #definition
* insert Knowledge([[Pneumonie aiguë communautaire : prise en charge en ville]], [[Community-acquired pneumonia: care outside the hospital]], [[Trame d'une « sphère » : vérifier que rien n'exclut la prise en charge en ville, faire pratiquer les examens, engager le traitement selon le protocole du réseau, surveiller, prévenir le médecin traitant. L'équipe y met ses critères.]], [[The frame of a SphereS protocol: make sure that nothing excludes care outside the hospital, have the examinations done, treat by the network's protocol, watch, tell the general practitioner. A team puts its criteria in.]])
* url = "https://passerelle.care/fhir/PlanDefinition/spheres-community-acquired-pneumonia"
* name = "SpheresCommunityAcquiredPneumonia"
* status = #draft
* type = $plan-definition-type#clinical-protocol
* insert Cited([[HAS, Comment organiser les fonctions d'appui aux professionnels de soins primaires ?, 2014, réseau SphereS]])
* insert For([[Pneumonie aiguë communautaire]])
* goal[+].id = "no-emergency"
* goal[=].description.text = "Éviter un passage aux urgences ou une hospitalisation"
* action[+]
  * insert Step(eligibility, [[Rechercher les critères d'exclusion]], practitioner, $TRE_G15, 10, [[Médecin]])
  * goalId = "no-emergency"
* action[+]
  * insert Step(examinations, [[Organiser les examens complémentaires]], practitioner, $TRE_R85, 330, [[Coordonnateur de parcours]])
  * insert Does(spheres-examinations)
  * insert AfterStep(eligibility, 0, 1)
  * insert Excluded([[Aucun critère d'exclusion du protocole]])
* action[+]
  * insert Step(treatment, [[Engager le traitement du protocole]], practitioner, $TRE_G15, 10, [[Médecin]])
  * insert AfterStep(examinations, 0, 1)
  * insert Excluded([[Aucun critère d'exclusion du protocole]])
* action[+]
  * insert Step(watch, [[Surveiller à domicile]], practitioner, $TRE_G15, 60, [[Infirmier]])
  * insert Does(spheres-surveillance)
  * insert AfterStep(treatment, 0, 7)
  * goalId = "no-emergency"
* action[+]
  * insert Step(report, [[Rendre compte au médecin traitant]], practitioner, $TRE_R85, 330, [[Coordonnateur de parcours]])
  * insert Does(spheres-report)
  * insert AfterStep(watch, 0, 1)

Instance: spheres-acute-pyelonephritis
InstanceOf: PasserellePlanDefinition
Usage: #definition
* insert Knowledge([[Pyélonéphrite aiguë : prise en charge en ville]], [[Acute pyelonephritis: care outside the hospital]], [[Trame d'une « sphère » : vérifier que rien n'exclut la prise en charge en ville, faire pratiquer les examens, engager le traitement selon le protocole du réseau, surveiller, prévenir le médecin traitant. L'équipe y met ses critères.]], [[The frame of a SphereS protocol: make sure that nothing excludes care outside the hospital, have the examinations done, treat by the network's protocol, watch, tell the general practitioner. A team puts its criteria in.]])
* url = "https://passerelle.care/fhir/PlanDefinition/spheres-acute-pyelonephritis"
* name = "SpheresAcutePyelonephritis"
* status = #draft
* type = $plan-definition-type#clinical-protocol
* insert Cited([[HAS, Comment organiser les fonctions d'appui aux professionnels de soins primaires ?, 2014, réseau SphereS]])
* insert For([[Pyélonéphrite aiguë]])
* goal[+].id = "no-emergency"
* goal[=].description.text = "Éviter un passage aux urgences ou une hospitalisation"
* action[+]
  * insert Step(eligibility, [[Rechercher les critères d'exclusion]], practitioner, $TRE_G15, 10, [[Médecin]])
  * goalId = "no-emergency"
* action[+]
  * insert Step(examinations, [[Organiser les examens complémentaires]], practitioner, $TRE_R85, 330, [[Coordonnateur de parcours]])
  * insert Does(spheres-examinations)
  * insert AfterStep(eligibility, 0, 1)
  * insert Excluded([[Aucun critère d'exclusion du protocole]])
* action[+]
  * insert Step(treatment, [[Engager le traitement du protocole]], practitioner, $TRE_G15, 10, [[Médecin]])
  * insert AfterStep(examinations, 0, 1)
  * insert Excluded([[Aucun critère d'exclusion du protocole]])
* action[+]
  * insert Step(watch, [[Surveiller à domicile]], practitioner, $TRE_G15, 60, [[Infirmier]])
  * insert Does(spheres-surveillance)
  * insert AfterStep(treatment, 0, 7)
  * goalId = "no-emergency"
* action[+]
  * insert Step(report, [[Rendre compte au médecin traitant]], practitioner, $TRE_R85, 330, [[Coordonnateur de parcours]])
  * insert Does(spheres-report)
  * insert AfterStep(watch, 0, 1)

Instance: spheres-chest-pain
InstanceOf: PasserellePlanDefinition
Usage: #definition
* insert Knowledge([[Douleur thoracique : prise en charge en ville]], [[Chest pain: care outside the hospital]], [[Trame d'une « sphère » : vérifier que rien n'exclut la prise en charge en ville, faire pratiquer les examens, engager le traitement selon le protocole du réseau, surveiller, prévenir le médecin traitant. L'équipe y met ses critères.]], [[The frame of a SphereS protocol: make sure that nothing excludes care outside the hospital, have the examinations done, treat by the network's protocol, watch, tell the general practitioner. A team puts its criteria in.]])
* url = "https://passerelle.care/fhir/PlanDefinition/spheres-chest-pain"
* name = "SpheresChestPain"
* status = #draft
* type = $plan-definition-type#clinical-protocol
* insert Cited([[HAS, Comment organiser les fonctions d'appui aux professionnels de soins primaires ?, 2014, réseau SphereS]])
* insert For([[Douleur thoracique]])
* goal[+].id = "no-emergency"
* goal[=].description.text = "Éviter un passage aux urgences ou une hospitalisation"
* action[+]
  * insert Step(eligibility, [[Rechercher les critères d'exclusion]], practitioner, $TRE_G15, 10, [[Médecin]])
  * goalId = "no-emergency"
* action[+]
  * insert Step(examinations, [[Organiser les examens complémentaires]], practitioner, $TRE_R85, 330, [[Coordonnateur de parcours]])
  * insert Does(spheres-examinations)
  * insert AfterStep(eligibility, 0, 1)
  * insert Excluded([[Aucun critère d'exclusion du protocole]])
* action[+]
  * insert Step(treatment, [[Engager le traitement du protocole]], practitioner, $TRE_G15, 10, [[Médecin]])
  * insert AfterStep(examinations, 0, 1)
  * insert Excluded([[Aucun critère d'exclusion du protocole]])
* action[+]
  * insert Step(watch, [[Surveiller à domicile]], practitioner, $TRE_G15, 60, [[Infirmier]])
  * insert Does(spheres-surveillance)
  * insert AfterStep(treatment, 0, 7)
  * goalId = "no-emergency"
* action[+]
  * insert Step(report, [[Rendre compte au médecin traitant]], practitioner, $TRE_R85, 330, [[Coordonnateur de parcours]])
  * insert Does(spheres-report)
  * insert AfterStep(watch, 0, 1)

Instance: spheres-transient-ischaemic-attack
InstanceOf: PasserellePlanDefinition
Usage: #definition
* insert Knowledge([[Accident ischémique transitoire : prise en charge en ville]], [[Transient ischaemic attack: care outside the hospital]], [[Trame d'une « sphère » : vérifier que rien n'exclut la prise en charge en ville, faire pratiquer les examens, engager le traitement selon le protocole du réseau, surveiller, prévenir le médecin traitant. L'équipe y met ses critères.]], [[The frame of a SphereS protocol: make sure that nothing excludes care outside the hospital, have the examinations done, treat by the network's protocol, watch, tell the general practitioner. A team puts its criteria in.]])
* url = "https://passerelle.care/fhir/PlanDefinition/spheres-transient-ischaemic-attack"
* name = "SpheresTransientIschaemicAttack"
* status = #draft
* type = $plan-definition-type#clinical-protocol
* insert Cited([[HAS, Comment organiser les fonctions d'appui aux professionnels de soins primaires ?, 2014, réseau SphereS]])
* insert For([[Accident ischémique transitoire]])
* goal[+].id = "no-emergency"
* goal[=].description.text = "Éviter un passage aux urgences ou une hospitalisation"
* action[+]
  * insert Step(eligibility, [[Rechercher les critères d'exclusion]], practitioner, $TRE_G15, 10, [[Médecin]])
  * goalId = "no-emergency"
* action[+]
  * insert Step(examinations, [[Organiser les examens complémentaires]], practitioner, $TRE_R85, 330, [[Coordonnateur de parcours]])
  * insert Does(spheres-examinations)
  * insert AfterStep(eligibility, 0, 1)
  * insert Excluded([[Aucun critère d'exclusion du protocole]])
* action[+]
  * insert Step(treatment, [[Engager le traitement du protocole]], practitioner, $TRE_G15, 10, [[Médecin]])
  * insert AfterStep(examinations, 0, 1)
  * insert Excluded([[Aucun critère d'exclusion du protocole]])
* action[+]
  * insert Step(watch, [[Surveiller à domicile]], practitioner, $TRE_G15, 60, [[Infirmier]])
  * insert Does(spheres-surveillance)
  * insert AfterStep(treatment, 0, 7)
  * goalId = "no-emergency"
* action[+]
  * insert Step(report, [[Rendre compte au médecin traitant]], practitioner, $TRE_R85, 330, [[Coordonnateur de parcours]])
  * insert Does(spheres-report)
  * insert AfterStep(watch, 0, 1)

Instance: spheres-examinations
InstanceOf: PasserelleActivityDefinition
Usage: #definition
* insert Knowledge([[Organisation des examens]], [[Arranging the examinations]], [[Laboratoire, imagerie, avis spécialisé : rendez-vous obtenus par la cellule de coordination.]], [[Laboratory, imaging, specialist: appointments obtained by the coordination unit.]])
* url = "https://passerelle.care/fhir/ActivityDefinition/spheres-examinations"
* name = "SpheresExaminations"
* insert Activity(Task, [[Organisation des examens]], practitioner, $TRE_R85, 330, [[Coordonnateur de parcours]])

Instance: spheres-surveillance
InstanceOf: PasserelleActivityDefinition
Usage: #definition
* insert Knowledge([[Surveillance renforcée à domicile]], [[Closer watch at home]], [[Passages infirmiers et signes d'alerte transmis au médecin.]], [[Visits of a nurse, and warning signs passed to the physician.]])
* url = "https://passerelle.care/fhir/ActivityDefinition/spheres-surveillance"
* name = "SpheresSurveillance"
* insert Activity(ServiceRequest, [[Surveillance renforcée à domicile]], practitioner, $TRE_G15, 60, [[Infirmier]])

Instance: spheres-report
InstanceOf: PasserelleActivityDefinition
Usage: #definition
* insert Knowledge([[Compte rendu au médecin traitant]], [[Report to the general practitioner]], [[Fin de l'épisode : ce qui a été fait, ce qui reste à suivre.]], [[The end of the episode: what was done, what remains.]])
* url = "https://passerelle.care/fhir/ActivityDefinition/spheres-report"
* name = "SpheresReport"
* insert Activity(CommunicationRequest, [[Compte rendu au médecin traitant]], practitioner, $TRE_R85, 330, [[Coordonnateur de parcours]])
