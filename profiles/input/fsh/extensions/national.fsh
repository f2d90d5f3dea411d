// The extensions of FR Core that our profiles use, under the URLs that FR Core gives them, so that they are known and checked where its
// package is not installed; where it is, the package counts (it is loaded after the guide). Shape: FR Core 2.1.0, and the parts that came later.

RuleSet: OfFrCore(url, context)
* ^url = {url}
* ^experimental = true
* ^publisher = "Interop'Santé (FR Core); transcribed by the Passerelle team"
* ^language = #en
* ^jurisdiction = $iso3166#FR "France"
* ^context.type = #element
* ^context.expression = "{context}"

Extension: FrCoreAddressInseeCode
Id: fr-core-address-insee-code
Title: "INSEE code of a commune (FR Core, transcribed)"
Description: "The code of the commune or country in the Code officiel géographique."
* insert OfFrCore($fr-core-insee-code, Address)
* insert French([[Code INSEE de la commune (FR Core, transcrit)]], [[Code de la commune ou du pays dans le code officiel géographique.]])
* value[x] 1..1
* value[x] only Coding

Extension: FrCoreBirthListGivenName
Id: fr-core-patient-birth-list-given-name
Title: "Given names at birth (FR Core, transcribed)"
Description: "All given names of the birth certificate in their order, with spaces between them."
* insert OfFrCore($fr-core-birth-list-given-name, Patient.name)
* insert French([[Liste des prénoms de naissance (FR Core, transcrit)]], [[Tous les prénoms de l'acte de naissance, dans l'ordre, séparés par des espaces.]])
* value[x] 1..1
* value[x] only string

Extension: FrCoreEmailType
Id: fr-core-contact-point-email-type
Title: "Kind of e-mail (FR Core, transcribed)"
Description: "Says that a mailbox is one of MSSanté (TRE_R256)."
* insert OfFrCore($fr-core-email-type, ContactPoint)
* insert French([[Type de messagerie (FR Core, transcrit)]], [[Indique qu'une boîte aux lettres est une boîte MSSanté (TRE_R256).]])
* value[x] 1..1
* value[x] only Coding

Extension: FrCoreEstimatedDischargeDate
Id: fr-core-estimated-discharge-date
Title: "Expected day of discharge (FR Core, transcribed)"
Description: "The day on which the person is expected to leave the hospital."
* insert OfFrCore($fr-core-estimated-discharge-date, Encounter)
* insert French([[Date de sortie prévue (FR Core, transcrit)]], [[Le jour où la personne devrait quitter l'hôpital.]])
* value[x] 1..1
* value[x] only date

Extension: FrCoreIdentityReliability
Id: fr-core-identity-reliability
Title: "How far an identity is to be trusted (FR Core, transcribed)"
Description: "The status of the identity, how it was collected and by which document it was checked."
* insert OfFrCore($fr-core-identity-reliability, Patient)
* insert French([[Fiabilité de l'identité (FR Core, transcrit)]], [[Statut de l'identité, mode de recueil, document qui a permis le contrôle.]])
* extension contains identityStatus 0..1 and methodCollection 0..1 and dateCollection 0..1 and dateInterrogationINSi 0..1 and validationMode 0..1 and validationDate 0..1 and lastUpdated 0..1 and comment 0..*
* extension[identityStatus].value[x] only Coding
* extension[methodCollection].value[x] only Coding
* extension[dateCollection].value[x] only date
* extension[dateInterrogationINSi].value[x] only date or dateTime
* extension[validationMode].value[x] only Coding
* extension[validationDate].value[x] only date
* extension[lastUpdated].value[x] only dateTime
* extension[comment].value[x] only CodeableConcept
