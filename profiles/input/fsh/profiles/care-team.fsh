Profile: PasserelleCareTeam
Parent: CareTeam
Id: passerelle-care-team
Title: "Care circle"
Description: "Who cares for a person: one circle a person, each member with the day of joining, the general practitioner as PCP; who left and came back has several entries."
* insert Metadata
* insert French([[Cercle de soins]], [[Ceux qui accompagnent une personne : un seul cercle par personne, chaque membre avec sa date d'entrée, le médecin traitant comme PCP ; qui part et revient a plusieurs entrées.]])
* insert CompliesWith(https://interop.esante.gouv.fr/ig/fhir/cds/StructureDefinition/cds-ihe-careteam)
* obeys pas-care-team-1 and pas-care-team-2 and pas-care-team-3 and pas-care-team-4
* meta 1..1
* meta.lastUpdated MS
* identifier 1..1 MS
* identifier.system 1..1
* identifier.value 1..1
* status 1..1 MS
* category 0..0
* name 1..1 MS
* subject 1..1 MS
* subject only Reference(PasserellePatient)
* encounter 0..0
* period 1..1 MS
* period.start 1..1
* participant MS
* participant.role 1..* MS
* participant.role from CareteamRolesVs (preferred)
* participant.member 1..1 MS
* participant.member only Reference(PasserellePractitionerRole or PasserelleRelatedPerson or PasserelleOrganization)
* participant.period 1..1 MS
* participant.period.start 1..1
* reasonReference MS
* managingOrganization MS
* managingOrganization only Reference(PasserelleOrganization)
* note MS

Invariant: pas-care-team-1
Description: "A person has one general practitioner at a time: only one participant with the role PCP (TRE_R259) has no period.end."
Severity: #error
Expression: "participant.where(role.coding.where(system = 'https://mos.esante.gouv.fr/NOS/TRE_R259-HL7ParticipationFunction/FHIR/TRE-R259-HL7ParticipationFunction' and code = 'PCP').exists() and period.end.empty()).count() <= 1"
* insert InFrench([[Une personne a un seul médecin traitant à la fois : un seul participant PCP (TRE_R259) est sans period.end.]])

Invariant: pas-care-team-2
Description: "A member has one open entry: end the earlier one (period.end) before the member comes back with a new one."
Severity: #error
Expression: "participant.where(period.end.empty()).member.reference.isDistinct()"
* insert InFrench([[Un membre a une seule entrée ouverte : clore la précédente (period.end) avant son retour.]])

Invariant: pas-care-team-3
Description: "A circle that has ended (inactive) ended on a day: give it in period.end."
Severity: #error
Expression: "status = 'inactive' implies period.end.exists()"
* insert InFrench([[Un cercle clos (inactive) l’est depuis une date : la donner dans period.end.]])

Invariant: pas-care-team-4
Description: "An active circle has somebody in it: at least one participant without period.end."
Severity: #error
Expression: "status = 'active' implies participant.where(period.end.empty()).exists()"
* insert InFrench([[Un cercle actif compte quelqu’un : au moins un participant sans period.end.]])
