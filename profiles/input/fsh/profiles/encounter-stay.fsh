Profile: PasserelleEncounterStay
Parent: Encounter
Id: passerelle-encounter-stay
Title: "Stay in hospital"
Description: "A stay: when it began, when it is expected to end, when it ended and where the person went, as far as that was said."
* insert Metadata
* insert French([[Séjour hospitalier]], [[Un séjour : son début, sa sortie prévue, sa fin et où la personne est allée, pour autant que ce soit dit.]])
* insert CompliesWith(https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-encounter)
* obeys pas-encounter-stay-1 and pas-encounter-stay-2 and pas-encounter-stay-3
* extension contains FrCoreEstimatedDischargeDate named estimatedDischargeDate 0..1 MS
* identifier 1..* MS
* identifier.type 1..1
* identifier.system 1..1
* identifier.value 1..1
* status MS
* class MS
* class from StayClasses (required)
* class.system 1..1
* class.code 1..1
* type ..1
* subject 1..1 MS
* subject only Reference(PasserellePatient)
* period 1..1 MS
* period.start 1..1
* account ..1
* hospitalization MS
* hospitalization.preAdmissionIdentifier 0..0
* hospitalization.destination MS
* hospitalization.destination only Reference(Location or PasserelleOrganization)
* hospitalization.dischargeDisposition MS
* hospitalization.dischargeDisposition.coding ^slicing.discriminator.type = #value
* hospitalization.dischargeDisposition.coding ^slicing.discriminator.path = "system"
* hospitalization.dischargeDisposition.coding ^slicing.rules = #open
* hospitalization.dischargeDisposition.coding contains destination 0..1 MS
* hospitalization.dischargeDisposition.coding[destination] from DischargeDestinationValues (required)
* hospitalization.dischargeDisposition.coding[destination].system 1..1
* hospitalization.dischargeDisposition.coding[destination].system = "https://passerelle.care/fhir/CodeSystem/discharge-destination"
* hospitalization.dischargeDisposition.coding[destination].code 1..1
* location MS
* serviceProvider 1..1 MS
* serviceProvider only Reference(PasserelleOrganization)

Invariant: pas-encounter-stay-1
Description: "A stay that is over (finished) ended at a time: give it in period.end."
Severity: #error
Expression: "status = 'finished' implies period.end.exists()"
* insert InFrench([[Un séjour terminé (finished) l’est à une heure : la donner dans period.end.]])

Invariant: pas-encounter-stay-2
Description: "Where the person went is known once the stay is over: leave dischargeDisposition out until then; what is expected goes into the expected day of discharge."
Severity: #error
Expression: "hospitalization.dischargeDisposition.exists() implies (status in ('finished' | 'onleave' | 'entered-in-error' | 'unknown'))"
* insert InFrench([[On sait où la personne est allée une fois le séjour terminé : laisser dischargeDisposition vide d’ici là ; ce qui est prévu va dans la date de sortie prévue.]])

Invariant: pas-encounter-stay-3
Description: "After a death there is no destination: take hospitalization.destination out."
Severity: #error
Expression: "hospitalization.dischargeDisposition.coding.where(system = 'https://passerelle.care/fhir/CodeSystem/discharge-destination' and code = 'death').exists() implies hospitalization.destination.empty()"
* insert InFrench([[Après un décès, il n’y a pas de destination : retirer hospitalization.destination.]])
