CodeSystem: AppointmentKind
Id: appointment-kind
Title: "What people meet for"
Description: "The meetings of a coordination: visits, the structure's decision meeting, case conferences; and what a hospital gives an appointment for."
* insert Metadata
* insert French([[Objet d'un rendez-vous]], [[Les rencontres d'une coordination : visites, réunion de décision de la structure, réunions de concertation ; et ce pour quoi un hôpital donne rendez-vous.]])
* ^caseSensitive = true
* insert Bilingual(home-visit, [[Visite à domicile]], [[Home visit]])
* insert Bilingual(assessment-visit, [[Évaluation multidimensionnelle à domicile]], [[Multidimensional assessment at home]])
* insert Bilingual(accompanied-appointment, [[Rendez-vous où la personne est accompagnée]], [[Appointment to which the person is accompanied]])
* insert Bilingual(care-appointment, [[Rendez-vous de soin : consultation, examen, acte]], [[Appointment for care: consultation, examination, procedure]])
* insert Bilingual(telephone, [[Entretien téléphonique]], [[Talk by telephone]])
* insert Bilingual(decision-meeting, [[Réunion de décision de la structure]], [[The structure's decision meeting]])
* insert Bilingual(multidisciplinary-meeting, [[Réunion de concertation pluriprofessionnelle (RCP)]], [[Multidisciplinary meeting (RCP)]])
* insert Bilingual(circle-meeting, [[Réunion du cercle de soins avec la personne]], [[Meeting of the care team with the person]])

ValueSet: AppointmentKinds
Id: appointment-kinds
Title: "What people meet for: all codes"
Description: "All codes of AppointmentKind."
* insert Metadata
* insert French([[Objet d'un rendez-vous : tous les codes]], [[Tous les codes de AppointmentKind.]])
* include codes from system AppointmentKind
