CodeSystem: TRE_G15_ProfessionSante
Id: TRE-G15-ProfessionSante
Title: "NOS : professions de santé"
Description: "Professions de santé en vigueur."
* insert NationalCodes([[https://mos.esante.gouv.fr/NOS/TRE_G15-ProfessionSante/FHIR/TRE-G15-ProfessionSante]], [[20250328120000]], [[ANS, ans.fr.terminologies 1.10.0]])
* insert Oid(1.2.250.1.71.1.2.7)
* ^count = 30
* ^caseSensitive = false
* #10 "Médecin"
* #21 "Pharmacien"
* #26 "Audioprothésiste"
* #28 "Opticien-Lunetier"
* #31 "Assistant dentaire"
* #32 "Physicien médical"
* #40 "Chirurgien-Dentiste"
* #50 "Sage-Femme"
* #60 "Infirmier"
* #69 "Infirmier psychiatrique"
* #70 "Masseur-Kinésithérapeute"
* #80 "Pédicure-Podologue"
* #81 "Orthoprothésiste"
* #82 "Podo-Orthésiste"
* #83 "Orthopédiste-Orthésiste"
* #84 "Oculariste"
* #85 "Epithésiste"
* #86 "Technicien de laboratoire médical"
* #91 "Orthophoniste"
* #92 "Orthoptiste"
* #94 "Ergothérapeute"
* #95 "Diététicien"
* #96 "Psychomotricien"
* #98 "Manipulateur ERM"
