Profile: PasserelleCarePlan
Parent: CarePlan
Id: passerelle-care-plan
Title: "Personalised care plan (PPS, PPCS)"
Description: "What is done for a person, by whom and when, drawn up with her and her general practitioner. An informal plan, validated by nobody, is a plan."
* insert Metadata
* insert French([[Plan personnalisé (PPS, PPCS)]], [[Ce qui est fait pour une personne, par qui et quand, établi avec elle et son médecin traitant. Un plan informel, que personne n'a validé, est un plan.]])
* obeys pas-care-plan-1 and pas-care-plan-2 and pas-care-plan-3 and pas-care-plan-4 and pas-care-plan-5 and pas-care-plan-6 and pas-care-plan-9
* extension contains
    ReevaluationDate named reevaluationDate 0..1 MS and
    PlanDocumentStatus named documentStatus 0..1 MS and
    PlanValidated named validated 0..1 MS
* identifier 1..* MS
* identifier.system 1..1
* identifier.value 1..1
* basedOn MS
* replaces MS
* status MS
* status from PlanStatus (required)
* intent = #plan (exactly)
* category 1..* MS
* category insert ToldApartByPattern
* category contains plan 1..1 MS
* category[plan] = $loinc#18776-5
* title 1..1 MS
* description MS
* subject 1..1 MS
* subject only Reference(PasserellePatient)
* period 1..1 MS
* period.start 1..1 MS
* created 1..1 MS
* author 1..1 MS
* author only Reference(PasserellePractitionerRole or PasserellePractitioner or PasserelleOrganization)
* author ^short = "The plan's referent"
* contributor MS
* contributor ^short = "Who drew it up: the person, her carer, her general practitioner, the team"
* contributor only Reference(PasserellePatient or PasserelleRelatedPerson or PasserellePractitionerRole or PasserellePractitioner or PasserelleOrganization or PasserelleCareTeam)
* careTeam ..1 MS
* careTeam only Reference(PasserelleCareTeam)
* addresses MS
* addresses only Reference(PasserelleCondition)
* goal MS
* goal only Reference(PasserelleGoal)
* supportingInfo MS
* supportingInfo ^slicing.discriminator.type = #value
* supportingInfo ^slicing.discriminator.path = "type"
* supportingInfo ^slicing.rules = #open
* supportingInfo contains
    consent 0..* MS and
    socialProvision 0..* MS and
    advanceDirectives 0..1 MS and
    assessment 0..* MS
* supportingInfo[consent] only Reference(PasserelleConsentCareTeam)
* supportingInfo[consent].type 1..1
* supportingInfo[consent].type = "Consent" (exactly)
* supportingInfo[socialProvision] only Reference(PasserelleSocialProvision)
* supportingInfo[socialProvision].type 1..1
* supportingInfo[socialProvision].type = "Observation" (exactly)
* supportingInfo[advanceDirectives] only Reference(PasserelleDocumentReference)
* supportingInfo[advanceDirectives].type 1..1
* supportingInfo[advanceDirectives].type = "DocumentReference" (exactly)
* supportingInfo[advanceDirectives] ^short = "Advance directives (LOINC 42348-3)"
* supportingInfo[assessment] only Reference(PasserelleQuestionnaireResponse)
* supportingInfo[assessment].type 1..1
* supportingInfo[assessment].type = "QuestionnaireResponse" (exactly)
* activity MS
* activity obeys pas-care-plan-7 and pas-care-plan-8
* activity.progress MS
* activity.reference MS
* activity.detail.code MS
* activity.detail.reasonReference MS
* activity.detail.goal MS
* activity.detail.goal only Reference(PasserelleGoal)
* activity.detail.status MS
* activity.detail.scheduled[x] MS
* activity.detail.performer MS
* activity.detail.performer only Reference(PasserellePatient or PasserelleRelatedPerson or PasserellePractitionerRole or PasserellePractitioner or PasserelleOrganization or PasserelleCareTeam or PasserelleHealthcareService)
* activity.detail.description 1..1 MS

Invariant: pas-care-plan-1
Description: "A plan that is followed names the problems that it answers: add `addresses`, or leave it `draft`."
Severity: #error
Expression: "(status = 'active' or status = 'on-hold' or status = 'completed') implies addresses.exists()"
* insert InFrench([[Un plan suivi nomme les problèmes auxquels il répond : ajouter `addresses`, ou le laisser en `draft`.]])

Invariant: pas-care-plan-2
Description: "An active plan says when it is looked at again: add the extension reevaluation-date."
Severity: #error
Expression: "status = 'active' implies extension.where(url = 'https://passerelle.care/fhir/StructureDefinition/reevaluation-date').exists()"
* insert InFrench([[Un plan actif dit quand il sera réévalué : ajouter l’extension reevaluation-date.]])

Invariant: pas-care-plan-3
Description: "An active plan is shared with the person's consent: name the Consent in `supportingInfo`, with its `type`."
Severity: #error
Expression: "status = 'active' implies supportingInfo.where(type = 'Consent').exists()"
* insert InFrench([[Un plan actif est partagé avec le consentement de la personne : nommer le Consent dans `supportingInfo`, avec son `type`.]])

Invariant: pas-care-plan-4
Description: "The document's status contradicts the plan's: carried out goes with active or on-hold, approved and validated with any but draft, closed with completed or revoked."
Severity: #error
Expression: "extension.where(url = 'https://passerelle.care/fhir/StructureDefinition/plan-document-status').value.coding.all((code = '385651009' implies (%resource.status = 'active' or %resource.status = 'on-hold')) and ((code = '9571008' or code = 'GEN-068') implies %resource.status != 'draft') and (code = '29179001' implies (%resource.status = 'completed' or %resource.status = 'revoked')))"
* insert InFrench([[Le statut du document contredit celui du plan : en cours va avec active ou on-hold, approuvé et validé avec tout sauf draft, clôturé avec completed ou revoked.]])

Invariant: pas-care-plan-5
Description: "A plan whose document is approved or validated says who validated it and when: add the extension plan-validated, or leave out the status."
Severity: #error
Expression: "extension.where(url = 'https://passerelle.care/fhir/StructureDefinition/plan-document-status').value.coding.where(code = '9571008' or code = 'GEN-068').exists() implies extension.where(url = 'https://passerelle.care/fhir/StructureDefinition/plan-validated').exists()"
* insert InFrench([[Un plan au document approuvé ou validé dit qui l’a validé et quand : ajouter l’extension plan-validated, ou retirer ce statut.]])

Invariant: pas-care-plan-6
Description: "A validated plan holds the social provisions that PPS-PAERPA requires: name at least one passerelle-social-provision in `supportingInfo`, with the type Observation."
Severity: #error
Expression: "extension.where(url = 'https://passerelle.care/fhir/StructureDefinition/plan-validated').exists() implies supportingInfo.where(type = 'Observation').exists()"
* insert InFrench([[Un plan validé contient les dispositions médico-sociales exigées par le PPS-PAERPA : nommer dans `supportingInfo` au moins une passerelle-social-provision, avec le type Observation.]])

Invariant: pas-care-plan-7
Description: "An action that is planned or under way says who does it and when: add `detail.performer` and `detail.scheduled[x]`, or leave it `not-started`."
Severity: #error
Expression: "detail.where(status = 'scheduled' or status = 'in-progress' or status = 'completed').all(performer.exists() and scheduled.exists())"
* insert InFrench([[Une action prévue ou en cours dit qui la fait et quand : ajouter `detail.performer` et `detail.scheduled[x]`, ou la laisser `not-started`.]])

Invariant: pas-care-plan-8
Description: "An action that was given up says why: add `detail.statusReason`."
Severity: #error
Expression: "detail.where(status = 'cancelled' or status = 'stopped' or status = 'on-hold').all(statusReason.exists())"
* insert InFrench([[Une action abandonnée ou suspendue dit pourquoi : ajouter `detail.statusReason`.]])

Invariant: pas-care-plan-9
Description: "A plan that is over says since when: add `period.end`."
Severity: #error
Expression: "(status = 'completed' or status = 'revoked') implies period.end.exists()"
* insert InFrench([[Un plan terminé dit depuis quand : ajouter `period.end`.]])
