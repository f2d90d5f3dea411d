Profile: PasserelleEpisodeOfCare
Parent: EpisodeOfCare
Id: passerelle-episode-of-care
Title: "The person is followed"
Description: "A structure follows a person: simple orientation, remote or reinforced help; the programme; a limit in time where the programme has one, as data."
* insert Metadata
* insert French([[Accompagnement de la personne]], [[Une structure suit une personne : orientation simple, accompagnement à distance ou renforcé ; le programme ; la durée maximale quand le programme en a une, comme donnée.]])
* obeys pas-episode-of-care-1 and pas-episode-of-care-2 and pas-episode-of-care-3 and pas-episode-of-care-4 and pas-episode-of-care-5
* extension contains DurationLimit named durationLimit 0..1 MS
* identifier MS
* status MS
* statusHistory MS
* type 1..* MS
* type ^slicing.discriminator.type = #value
* type ^slicing.discriminator.path = "coding.system"
* type ^slicing.rules = #open
* type contains level 1..1 MS and programme 0..1 MS
* type[level] from HelpLevels (required)
* type[level].coding 1..1
* type[level].coding.system 1..1
* type[level].coding.system = Canonical(HelpLevel)
* type[level].coding.code 1..1
* type[programme].coding 1..1
* type[programme].coding.system 1..1
* type[programme].coding.system = Canonical(HelpProgramme)
* type[programme].coding.code 1..1
* diagnosis MS
* patient MS
* patient only Reference(PasserellePatient)
* managingOrganization 1..1 MS
* managingOrganization only Reference(PasserelleOrganization)
* period 1..1 MS
* period.start 1..1
* referralRequest MS
* referralRequest only Reference(PasserelleReferral)
* careManager MS
* careManager only Reference(PasserellePractitionerRole or PasserellePractitioner)
* team MS
* team only Reference(PasserelleCareTeam)

Invariant: pas-episode-of-care-1
Description: "Reinforced help is somebody's work: name the coordinator in careManager."
Severity: #error
Expression: "type.coding.where(system = 'https://passerelle.care/fhir/CodeSystem/help-level' and code = 'reinforced').exists() implies careManager.exists()"
* insert InFrench([[Un accompagnement renforcé est le travail de quelqu’un : nommer le coordonnateur dans careManager.]])

Invariant: pas-episode-of-care-2
Description: "Help that has ended (finished, cancelled) ended on a day: give it in period.end."
Severity: #error
Expression: "(status = 'finished' or status = 'cancelled') implies period.end.exists()"
* insert InFrench([[Un accompagnement terminé (finished, cancelled) l’est à une date : la donner dans period.end.]])

Invariant: pas-episode-of-care-3
Description: "Help ends by the latest day of its programme: bring period.end forward, or start a new episode with a new decision."
Severity: #error
Expression: "(period.end.exists() and extension('https://passerelle.care/fhir/StructureDefinition/duration-limit').exists()) implies period.end.toString().substring(0, 10) <= extension('https://passerelle.care/fhir/StructureDefinition/duration-limit').extension.where(url = 'latestEnd').value.toString()"
* insert InFrench([[Un accompagnement se termine au plus tard le dernier jour de son programme : avancer period.end, ou ouvrir un nouvel épisode par une nouvelle décision.]])

Invariant: pas-episode-of-care-4
Description: "Help that is suspended (onhold) goes on with surveillance: say since when in statusHistory."
Severity: #error
Expression: "status = 'onhold' implies statusHistory.exists()"
* insert InFrench([[Un accompagnement suspendu (onhold) continue sous surveillance : dire depuis quand dans statusHistory.]])

// Dates are compared as texts: what adding a Duration to a date gives is not the same everywhere.
Invariant: pas-episode-of-care-5
Description: "The latest day is the first day and the limit of the programme: mend latestEnd in duration-limit, which is later."
Severity: #error
Expression: "extension('https://passerelle.care/fhir/StructureDefinition/duration-limit').where(extension.where(url = 'limit').value.code = 'a' and extension.where(url = 'latestEnd').value.toString().length() = 10 and %resource.period.start.toString().length() >= 10).all((extension.where(url = 'latestEnd').value.toString().substring(0, 4).toInteger() - %resource.period.start.toString().substring(0, 4).toInteger()) < extension.where(url = 'limit').value.value or ((extension.where(url = 'latestEnd').value.toString().substring(0, 4).toInteger() - %resource.period.start.toString().substring(0, 4).toInteger()) = extension.where(url = 'limit').value.value and extension.where(url = 'latestEnd').value.toString().substring(5, 5) <= %resource.period.start.toString().substring(5, 5)))"
* insert InFrench([[Le dernier jour est le premier jour plus la durée maximale du programme : corriger latestEnd dans duration-limit, qui est plus tard.]])
