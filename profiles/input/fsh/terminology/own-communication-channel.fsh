CodeSystem: CommunicationChannel
Id: communication-channel
Title: "The way it goes"
Description: "How something is told: secure mail, a shared record, an interface, paper, voice."
* insert Metadata
* insert French([[Voie de transmission]], [[La voie par laquelle une information est transmise : messagerie sécurisée, dossier partagé, interface, papier, voix.]])
* ^caseSensitive = true
* insert Bilingual(mssante, [[Messagerie sécurisée MSSanté]], [[Secure mail MSSanté]])
* insert Bilingual(citizen-mail, [[Messagerie de Mon espace santé]], [[Mailbox of Mon espace santé]])
* insert Bilingual(shared-record, [[Dossier partagé (DMP ou dossier de coordination)]], [[Shared record (DMP or the record of the coordination)]])
* insert Bilingual(interface, [[Interface entre logiciels (FHIR, HL7 v2)]], [[Interface between software (FHIR, HL7 v2)]])
* insert Bilingual(telephone, [[Téléphone]], [[Telephone]])
* insert Bilingual(post, [[Courrier postal]], [[Post]])
* insert Bilingual(in-person, [[De vive voix]], [[In person]])

ValueSet: CommunicationChannels
Id: communication-channels
Title: "The way it goes: all codes"
Description: "All codes of CommunicationChannel."
* insert Metadata
* insert French([[Voie de transmission : tous les codes]], [[Tous les codes de CommunicationChannel.]])
* include codes from system CommunicationChannel
