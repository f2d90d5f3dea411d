CodeSystem: FrCoreCsMethodCollection
Id: fr-core-cs-method-collection
Title: "FR Core : mode de recueil de l'identité"
Description: "Comment les traits d'identité ont été recueillis."
* insert NationalCodes([[https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-method-collection]], [[2.2.0]], [[Interop'Santé, hl7.fhir.fr.core 2.2.0]])
* ^count = 5
* ^caseSensitive = true
* #SM "Saisie manuelle"
* #CV "Carte vitale"
* #INSI "Téléservice INSI"
* #CB "Code à barre"
* #RFID "Puce RFID"

ValueSet: FrCoreVsIdentityMethodCollection
Id: fr-core-vs-identity-method-collection
Title: "FR Core : mode de recueil de l'identité"
Description: "Tous les modes de recueil."
* insert NationalValues([[https://hl7.fr/ig/fhir/core/ValueSet/fr-core-vs-identity-method-collection]], [[2.2.0]], [[Interop'Santé, hl7.fhir.fr.core 2.2.0]])
* include codes from system https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-method-collection
