Profile: PasserellePlanDefinition
Parent: PlanDefinition
Id: passerelle-plan-definition
Title: "PlanDefinition: a protocol of several professions"
Description: "Who does what, for whom and when, agreed by a team; it proposes steps of care, it prescribes nothing. Who must not enter it is part of it."
* insert Metadata
* insert French([[Protocole pluriprofessionnel]], [[Qui fait quoi, pour qui et quand, convenu par une équipe ; il propose des étapes et ne prescrit rien. Il dit aussi qui n'y entre pas.]])
* obeys pas-plan-definition-1 and pas-plan-definition-2 and pas-plan-definition-3 and pas-plan-definition-4
* url 1..1 MS
* version 1..1 MS
* name 1..1 MS
* title 1..1 MS
* type 1..1 MS
* type from ProtocolKinds (required)
* status MS
* description 1..1 MS
* useContext 1..* MS
* useContext ^short = "For whom: condition, age, program"
* approvalDate MS
* relatedArtifact 1..* MS
* relatedArtifact ^short = "The text that it follows"
* goal MS
* action 1..* MS
* action.title 1..1 MS
* action.condition MS
* action.relatedAction MS
* action.timing[x] MS
* action.participant MS
* action.definition[x] MS

Invariant: pas-plan-definition-1
Description: "A protocol says who does each step: add a participant to the action that has none."
Severity: #error
Expression: "repeat(action).where(action.empty()).all(participant.exists())"
* insert InFrench([[Un protocole dit qui fait chaque étape : ajouter un `participant` à celle qui n’en a pas.]])

Invariant: pas-plan-definition-2
Description: "A protocol in force was agreed: give approvalDate, the day on which the team agreed."
Severity: #error
Expression: "status = 'active' implies approvalDate.exists()"
* insert InFrench([[Un protocole en vigueur a été convenu : donner dans `approvalDate` le jour de l’accord de l’équipe.]])

Invariant: pas-plan-definition-3
Description: "A step that another one follows on is not there: mend relatedAction.actionId."
Severity: #error
Expression: "repeat(action).relatedAction.all(%resource.repeat(action).id contains actionId)"
* insert InFrench([[L’étape que suit une autre n’existe pas : corriger `relatedAction.actionId`.]])

Invariant: pas-plan-definition-4
Description: "A goal that a step serves is not there: mend goalId."
Severity: #error
Expression: "repeat(action).goalId.all(%resource.goal.id contains $this)"
* insert InFrench([[Le but que sert une étape n’existe pas : corriger `goalId`.]])
