CodeSystem: Hl7v2Fr0112
Id: hl7v2-fr-0112
Title: "HL7 v2 table 0112 in France: circumstances of discharge"
Description: "PV1-36 as IHE PAM France defines it: a user-defined table of HL7 v2, so its codes are not those of v2-0112."
* insert Metadata
* insert French([[Table HL7 v2 0112 en France : circonstances de sortie]], [[PV1-36 selon IHE PAM France : table définie par l'utilisateur en HL7 v2, ses codes ne sont donc pas ceux de v2-0112.]])
* ^content = #complete
* ^caseSensitive = true
* #2 "Mesure disciplinaire"
* insert InEnglish(2, [[Disciplinary measure]])
* #3 "Décision médicale"
* insert InEnglish(3, [[Medical decision]])
* #4 "Contre avis médical"
* insert InEnglish(4, [[Against medical advice]])
* #5 "en attente d'examen"
* insert InEnglish(5, [[Awaiting an examination]])
* #6 "Convenance personnelle"
* insert InEnglish(6, [[Personal convenience]])
* #R "Essai (contexte psychiatrique)"
* insert InEnglish(R, [[Trial leave (psychiatry)]])
* #E "Evasion"
* insert InEnglish(E, [[Escape]])
* #F "Fugue"
* insert InEnglish(F, [[Running away]])
* #A "Absence ( < 12h)"
* insert InEnglish(A, [[Absence under 12 hours]])
* #P "Permission ( <72h)"
* insert InEnglish(P, [[Leave under 72 hours]])
* #S "Sortie avec programme de soins"
* insert InEnglish(S, [[Discharge with a care programme]])
* #B "Départ vers MCO"
* insert InEnglish(B, [[Departure to acute care]])
* #REO "Réorientation"
* insert InEnglish(REO, [[Redirected]])
* #PSA "Patient parti sans attendre les soins"
* insert InEnglish(PSA, [[Left without waiting for care]])
