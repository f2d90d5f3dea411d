CodeSystem: ReevaluationDecision
Id: reevaluation-decision
Title: "What a re-evaluation decides"
Description: "What becomes of the plan: kept, adapted, suspended with surveillance, ended."
* insert Metadata
* insert French([[Décision d'une réévaluation]], [[Les suites du plan : poursuivi, adapté, suspendu avec surveillance, terminé.]])
* ^caseSensitive = true
* insert Bilingual(continue, [[Poursuivre]], [[Continue]])
* insert Bilingual(adapt, [[Adapter]], [[Adapt]])
* insert Bilingual(suspend, [[Suspendre avec surveillance]], [[Suspend with surveillance]])
* insert Bilingual(end, [[Terminer]], [[End]])

ValueSet: ReevaluationDecisions
Id: reevaluation-decisions
Title: "What a re-evaluation decides: all codes"
Description: "All codes of ReevaluationDecision."
* insert Metadata
* insert French([[Décision d'une réévaluation : tous les codes]], [[Tous les codes de ReevaluationDecision.]])
* include codes from system ReevaluationDecision
