// How the forms of the guide are written: French first, English beside it.

RuleSet: Form(title-fr, title-en)
* language = #fr
* version = "0.1.0"
* extension[+].url = $version-algorithm
* extension[=].valueString = "semver"
* status = #active
* experimental = false
* publisher = "The Passerelle team"
* jurisdiction = $iso3166#FR "France"
* subjectType = #Patient
* title = "{title-fr}"
* title insert English([[{title-en}]])
* meta.profile = "https://passerelle.care/fhir/StructureDefinition/passerelle-questionnaire"

RuleSet: English(text)
* extension[+].url = $translation
* extension[=].extension[+].url = "lang"
* extension[=].extension[=].valueCode = #en
* extension[=].extension[+].url = "content"
* extension[=].extension[=].valueString = "{text}"

// Inserted at an item.
RuleSet: Item(linkId, type, fr, en)
* linkId = "{linkId}"
* type = #{type}
* text = "{fr}"
* text insert English([[{en}]])

RuleSet: Required
* required = true

// Oui, Non, ? : three different answers.
RuleSet: YesNoUnknownOptions
* answerOption[+].valueCoding = $yes-no-unknown#O "Oui"
* answerOption[+].valueCoding = $yes-no-unknown#N "Non"
* answerOption[+].valueCoding = $yes-no-unknown#? "Ne sait pas"
* extension[+].url = $item-control
* extension[=].valueCodeableConcept = $item-control-codes#radio-button
* extension[+].url = $orientation
* extension[=].valueCode = #horizontal

RuleSet: Variable(name, expression)
* extension[+].url = $variable
* extension[=].valueExpression.name = "{name}"
* extension[=].valueExpression.language = #text/fhirpath
* extension[=].valueExpression.expression = "{expression}"

// Read from the server when a form is populated; {{...}} are expressions.
RuleSet: Query(name, query)
* extension[+].url = $variable
* extension[=].valueExpression.name = "{name}"
* extension[=].valueExpression.language = #application/x-fhir-query
* extension[=].valueExpression.expression = "{query}"

RuleSet: Calculated(expression)
* readOnly = true
* extension[+].url = $calculated
* extension[=].valueExpression.language = #text/fhirpath
* extension[=].valueExpression.expression = "{expression}"

RuleSet: Initial(expression)
* extension[+].url = $initial
* extension[=].valueExpression.language = #text/fhirpath
* extension[=].valueExpression.expression = "{expression}"

RuleSet: EnabledBy(expression)
* extension[+].url = $enable-when-expression
* extension[=].valueExpression.language = #text/fhirpath
* extension[=].valueExpression.expression = "{expression}"

RuleSet: EnabledByString(question, answer)
* enableWhen[+].question = "{question}"
* enableWhen[=].operator = #=
* enableWhen[=].answerString = "{answer}"

RuleSet: Hidden
* extension[+].url = $hidden
* extension[=].valueBoolean = true

RuleSet: LaunchPatient
* extension[+].url = $launch-context
* extension[=].extension[+].url = "name"
* extension[=].extension[=].valueCoding = $launch-contexts#patient
* extension[=].extension[+].url = "type"
* extension[=].extension[=].valueCode = #Patient

RuleSet: LaunchUser
* extension[+].url = $launch-context
* extension[=].extension[+].url = "name"
* extension[=].extension[=].valueCoding = $launch-contexts#user
* extension[=].extension[+].url = "type"
* extension[=].extension[=].valueCode = #Practitioner

// An option that counts: its score is said by ordinalValue (R4) and read by FHIRPath's ordinal().
RuleSet: Scored(code, display, english, score)
* answerOption[+].valueCoding = $scored-answer#{code} "{display}"
* answerOption[=].valueCoding.display insert English([[{english}]])
* answerOption[=].valueCoding.extension[+].url = $ordinal
* answerOption[=].valueCoding.extension[=].valueDecimal = {score}

RuleSet: CheckBoxes
* extension[+].url = $item-control
* extension[=].valueCodeableConcept = $item-control-codes#check-box

// Inserted at an item: each answer makes a resource of the contained template.
RuleSet: Extracted(template)
* extension[+].url = $template-extract
* extension[=].extension[+].url = "template"
* extension[=].extension[=].valueReference.reference = "#{template}"

// Inserted at an element of a template: the value that takes its place.
RuleSet: FilledBy(expression)
* extension[+].url = $template-value
* extension[=].valueString = "{expression}"
