Profile: PasserelleQuestionnaireResponse
Parent: QuestionnaireResponse
Id: passerelle-questionnaire-response
Title: "QuestionnaireResponse: the answers about a person"
Description: "Of whom, who wrote them, who gave them, to which version of the form; follows SDC."
* insert Metadata
* insert French([[Réponses à un formulaire]], [[Sur qui, notées par qui, données par qui, à quelle version du formulaire ; suit SDC.]])
* insert CompliesWith(http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaireresponse)
* obeys pas-questionnaire-response-1 and pas-questionnaire-response-2 and pas-questionnaire-response-3 and pas-questionnaire-response-4
* basedOn MS
* questionnaire 1..1 MS
* status MS
* subject 1..1 MS
* subject only Reference(PasserellePatient)
* authored 1..1 MS
* author 1..1 MS
* author only Reference(PasserellePatient or PasserelleRelatedPerson or PasserellePractitioner or PasserellePractitionerRole or PasserelleOrganization or Device)
* source MS
* source only Reference(PasserellePatient or PasserelleRelatedPerson or PasserellePractitioner or PasserellePractitionerRole)
* item MS
* item.linkId MS
* item.text MS
* item.answer MS

Invariant: pas-questionnaire-response-1
Description: "Answers stay with the version of the form that they were given to: write the questionnaire as URL|VERSION."
Severity: #error
Expression: "questionnaire.all(contains('|'))"
* insert InFrench([[Les réponses restent liées à la version du formulaire : écrire `questionnaire` sous la forme URL|VERSION.]])

Invariant: pas-questionnaire-response-2
Description: "Completed without an answer: give the answers, or leave the status in-progress."
Severity: #error
Expression: "(status = 'completed' or status = 'amended') implies repeat(item | answer.item).answer.exists()"
* insert InFrench([[Terminé sans réponse : donner les réponses, ou laisser `in-progress`.]])

Invariant: pas-questionnaire-response-3
Description: "An answer without a value: where nothing was said, leave the answer out; ? is an answer of its own."
Severity: #error
Expression: "repeat(item | answer.item).answer.all(value.exists())"
* insert InFrench([[Une réponse sans valeur : si rien n’a été dit, ne pas mettre de réponse ; « ? » en est une.]])

Invariant: pas-questionnaire-response-4
Description: "A reader without the form cannot read the answers: give each answered item its text."
Severity: #warning
Expression: "repeat(item | answer.item).where(answer.exists()).all(text.exists())"
* insert InFrench([[Un lecteur qui n’a pas le formulaire ne peut pas lire les réponses : donner son `text` à chaque question répondue.]])
