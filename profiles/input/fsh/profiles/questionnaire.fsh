Profile: PasserelleQuestionnaire
Parent: Questionnaire
Id: passerelle-questionnaire
Title: "Questionnaire: a form of the coordination"
Description: "French first, English beside it, its source cited, its scores calculated and never typed; follows SDC."
* insert Metadata
* insert French([[Formulaire de la coordination]], [[En français, avec l'anglais à côté, la source citée, les scores calculés et jamais saisis ; suit SDC.]])
* insert CompliesWith(http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire)
* obeys pas-questionnaire-1 and pas-questionnaire-2 and pas-questionnaire-3 and pas-questionnaire-4 and pas-questionnaire-5 and pas-questionnaire-6
* language 1..1 MS
* url 1..1 MS
* version 1..1 MS
* name 1..1 MS
* title 1..1 MS
* status MS
* subjectType 1..* MS
* copyright 1..1 MS
* copyright ^short = "Where the questions come from, and whose they are"
* code MS
* item 1..* MS
* item.linkId MS
* item.text MS
* item.type MS
* item.required MS
* item.answerOption MS

Invariant: pas-questionnaire-1
Description: "The form is in French: give language fr, or fr with a region."
Severity: #error
Expression: "language.startsWith('fr')"
* insert InFrench([[Le formulaire est en français : donner à `language` fr, avec ou sans région.]])

Invariant: pas-questionnaire-2
Description: "A question without words: give each item that is shown a text."
Severity: #error
Expression: "repeat(item).where(extension('http://hl7.org/fhir/StructureDefinition/questionnaire-hidden').where(value = true).empty()).all(text.exists())"
* insert InFrench([[Une question sans mots : donner un `text` à chaque question affichée.]])

Invariant: pas-questionnaire-3
Description: "A calculated answer could be typed: make each item with a calculatedExpression readOnly."
Severity: #error
Expression: "repeat(item).where(extension('http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression').exists()).all(readOnly = true)"
* insert InFrench([[Une réponse calculée pourrait être saisie : mettre `readOnly` à chaque question qui a une calculatedExpression.]])

Invariant: pas-questionnaire-4
Description: "An expression in a language that this server does not read: use text/fhirpath or application/x-fhir-query."
Severity: #error
Expression: "(extension | repeat(item).extension).value.ofType(Expression).all(language = 'text/fhirpath' or language = 'application/x-fhir-query')"
* insert InFrench([[Une expression est dans une langue que ce serveur ne lit pas : prendre text/fhirpath ou application/x-fhir-query.]])

Invariant: pas-questionnaire-5
Description: "Not every question has its English: add a translation to the text."
Severity: #warning
Expression: "(title | repeat(item).text).all(extension('http://hl7.org/fhir/StructureDefinition/translation').exists())"
* insert InFrench([[Toutes les questions n’ont pas leur traduction anglaise : ajouter une traduction au texte.]])

Invariant: pas-questionnaire-6
Description: "How versions compare is not said, which SDC asks for (sdc-2): add the extension artifact-versionAlgorithm, such as semver."
Severity: #error
Expression: "extension('http://hl7.org/fhir/StructureDefinition/artifact-versionAlgorithm').exists()"
* insert InFrench([[Comment les versions se comparent n’est pas dit, ce que SDC demande (sdc-2) : ajouter l’extension artifact-versionAlgorithm, par exemple semver.]])
