Profile: PasserelleAuditEvent
Parent: AuditEvent
Id: passerelle-audit-event
Title: "AuditEvent: an access to what is said of a person, granted or refused"
Description: "Who did or tried what to whose record, with which software, why in an emergency, and what came of it; in the shape of IHE's Basic Audit Log Patterns."
* insert Metadata
* insert French([[Trace d'accès au dossier d'une personne, accordé ou refusé]], [[Qui a fait ou tenté quoi sur le dossier de qui, avec quel logiciel, pourquoi en urgence, et ce qui en est résulté ; dans la forme des Basic Audit Log Patterns d'IHE.]])
* obeys pas-audit-event-1 and pas-audit-event-2 and pas-audit-event-3
* type MS
* subtype 1..* MS
* action 1..1 MS
* recorded MS
* outcome 1..1 MS
* outcomeDesc MS
* purposeOfEvent MS
* agent MS
* agent ^slicing.discriminator.type = #value
* agent ^slicing.discriminator.path = "requestor"
* agent ^slicing.rules = #open
* agent contains
    user 0..1 MS and
    software 1..* MS
* agent[user].requestor = true
* agent[user].type 1..1 MS
* agent[user].who 1..1 MS
* agent[user].purposeOfUse MS
* agent[software].requestor = false
* agent[software].who 1..1 MS
* source MS
* entity 1..* MS
* entity ^slicing.discriminator.type = #value
* entity ^slicing.discriminator.path = "type"
* entity ^slicing.rules = #open
* entity contains person 1..* MS
* entity[person].type 1..1
* entity[person].type = $audit-entity-type#1
* entity[person].role 1..1
* entity[person].role = $object-role#1
* entity[person].what 1..1 MS
* entity[person].what only Reference(PasserellePatient)

Invariant: pas-audit-event-1
Description: "Who breaks the glass says why: fill purposeOfEvent where the purpose of use is BTG."
Severity: #error
Expression: "agent.purposeOfUse.coding.where(code = 'BTG').exists() implies purposeOfEvent.exists()"
* insert InFrench([[Qui passe outre en urgence dit pourquoi : remplir `purposeOfEvent` si le motif d’usage est BTG.]])

Invariant: pas-audit-event-2
Description: "A refusal or failure says which: fill outcomeDesc where outcome is not 0."
Severity: #error
Expression: "outcome = '0' or outcomeDesc.exists()"
* insert InFrench([[Un refus ou un échec dit lequel : remplir `outcomeDesc` si `outcome` n’est pas 0.]])

Invariant: pas-audit-event-3
Description: "A search keeps what was asked: add an entity with role 24 (query)."
Severity: #error
Expression: "subtype.where(code = 'search-type' or code = 'search-system' or code = 'search').exists() implies entity.where(role.code = '24').exists()"
* insert InFrench([[Une recherche garde ce qui a été demandé : ajouter une `entity` de rôle 24 (query).]])
