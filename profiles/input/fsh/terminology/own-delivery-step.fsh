CodeSystem: DeliveryStep
Id: delivery-step
Title: "What became of what was sent"
Description: "Facts that follow on sending, each with its time; none of them proves the next."
* insert Metadata
* insert French([[Ce qu'est devenu un envoi]], [[Les faits qui suivent un envoi, chacun à son heure ; aucun ne prouve le suivant.]])
* ^caseSensitive = true
* insert Bilingual(delivered, [[Remis dans la boîte ou le logiciel du destinataire]], [[Delivered to the recipient's mailbox or software]])
* insert Bilingual(integrated, [[Intégré au dossier par le logiciel du destinataire]], [[Filed by the recipient's software]])
* insert Bilingual(refused, [[Refusé par le logiciel du destinataire]], [[Refused by the recipient's software]])
* insert Bilingual(read, [[Lu par une personne]], [[Read by a person]])

ValueSet: DeliverySteps
Id: delivery-steps
Title: "What became of what was sent: all codes"
Description: "All codes of DeliveryStep."
* insert Metadata
* insert French([[Ce qu'est devenu un envoi : tous les codes]], [[Tous les codes de DeliveryStep.]])
* include codes from system DeliveryStep
