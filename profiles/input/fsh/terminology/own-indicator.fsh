CodeSystem: Indicator
Id: indicator
Title: "Indicator"
Description: "What an indicator of the coordination counts."
* insert Metadata
* insert French([[Indicateur]], [[Ce que compte un indicateur de la coordination.]])
* ^caseSensitive = true
* insert Bilingual(readmission-30-days, [[Réhospitalisations en MCO dans les 30 jours, 75 ans et plus]], [[Readmissions within 30 days, persons of 75 and over]])
* insert Bilingual(support-functions, [[Fonctions d'appui disponibles sur le territoire]], [[Support functions available in the territory]])
* insert Bilingual(structures-with-support, [[Structures pluriprofessionnelles ayant une fonction d'appui]], [[Multiprofessional structures that have a support function]])
* insert Bilingual(plan-validation-rate, [[Plans validés par le médecin traitant]], [[Plans validated by the general practitioner]])
* insert Bilingual(gp-copy-rate, [[Plans dont le médecin traitant est destinataire]], [[Plans that the general practitioner was sent]])
* insert Bilingual(feedback-rate, [[Personnes dont le médecin traitant a eu un retour]], [[Persons whose general practitioner had feedback]])
* insert Bilingual(active-file, [[File active par coordonnateur]], [[Active file of a coordinator]])
* insert Bilingual(referral-delay, [[Délai entre la demande et la réponse]], [[Time from referral to answer]])
* insert Bilingual(referral-source, [[Origine des demandes]], [[Source of the referrals]])
* insert Bilingual(unmet-need, [[Besoins sans réponse sur le territoire]], [[Needs that nothing in the territory meets]])

ValueSet: Indicators
Id: indicators
Title: "Indicator: all codes"
Description: "All codes of Indicator."
* insert Metadata
* insert French([[Indicateur : tous les codes]], [[Tous les codes de Indicator.]])
* include codes from system Indicator
