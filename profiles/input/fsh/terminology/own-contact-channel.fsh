CodeSystem: ContactChannel
Id: contact-channel
Title: "Means of contact"
Description: "By which way a contact came in."
* insert Metadata
* insert French([[Moyen de contact]], [[Par quelle voie la sollicitation est arrivée.]])
* ^caseSensitive = true
* insert Bilingual(phone, [[Téléphone]], [[Telephone]])
* insert Bilingual(email, [[Courriel]], [[E-mail]])
* insert Bilingual(form, [[Formulaire en ligne]], [[Form on the web]])
* insert Bilingual(visit, [[Accueil physique]], [[In person]])

ValueSet: ContactChannels
Id: contact-channels
Title: "Means of contact: all codes"
Description: "All codes of ContactChannel."
* insert Metadata
* insert French([[Moyen de contact : tous les codes]], [[Tous les codes de ContactChannel.]])
* include codes from system ContactChannel
