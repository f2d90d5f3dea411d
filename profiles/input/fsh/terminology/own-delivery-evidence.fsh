CodeSystem: DeliveryEvidence
Id: delivery-evidence
Title: "How it is known"
Description: "What shows that a delivery step happened."
* insert Metadata
* insert French([[Preuve d'une étape]], [[Ce qui montre qu'une étape de remise a eu lieu.]])
* ^caseSensitive = true
* insert Bilingual(transport, [[Le serveur de messagerie ou l'interface l'a accepté]], [[The mail server or the interface took it]])
* insert Bilingual(mdn, [[Accusé de traitement automatique (MDN)]], [[Automatic disposition notification (MDN)]])
* insert Bilingual(application, [[Une personne l'a ouvert dans un logiciel]], [[A person opened it in software]])
* insert Bilingual(person, [[La personne l'a dit]], [[The person said so]])

ValueSet: DeliveryEvidences
Id: delivery-evidences
Title: "How it is known: all codes"
Description: "All codes of DeliveryEvidence."
* insert Metadata
* insert French([[Preuve d'une étape : tous les codes]], [[Tous les codes de DeliveryEvidence.]])
* include codes from system DeliveryEvidence
