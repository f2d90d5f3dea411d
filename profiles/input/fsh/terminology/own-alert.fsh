CodeSystem: Alert
Id: alert
Title: "Alerts of a person"
Description: "What the circle should see first."
* insert Metadata
* insert French([[Alertes d'une personne]], [[Ce que le cercle doit voir d'abord.]])
* ^caseSensitive = true
* insert Bilingual(emergency-stay, [[Hospitalisation en urgence]], [[Emergency stay in hospital]])
* insert Bilingual(carer-exhausted, [[Aidant épuisé]], [[Exhausted carer]])
* insert Bilingual(isolation, [[Isolement]], [[Isolation]])
* insert Bilingual(fall-risk, [[Risque de chute]], [[Risk of falls]])
* insert Bilingual(unmet-need, [[Besoin sans réponse sur le territoire]], [[Need that the territory does not meet]])
* insert Bilingual(advance-directives, [[Directives anticipées déposées]], [[Advance directives exist]])
* insert Bilingual(sharing-objection, [[Opposition au partage d'informations]], [[Objection to sharing]])
* insert Bilingual(identity-to-check, [[Identité à contrôler]], [[Identity to be checked]])

ValueSet: Alerts
Id: alerts
Title: "Alerts of a person: all codes"
Description: "All codes of Alert."
* insert Metadata
* insert French([[Alertes d'une personne : tous les codes]], [[Tous les codes d'Alert.]])
* include codes from system Alert
