// How indicators and protocols of the guide are written: French first, English beside it.

RuleSet: Knowledge(title-fr, title-en, description-fr, description-en)
* language = #fr
* version = "0.1.0"
* experimental = false
* publisher = "The Passerelle team"
* jurisdiction = $iso3166#FR "France"
* title = "{title-fr}"
* title insert English([[{title-en}]])
* description = "{description-fr}"
* description insert English([[{description-en}]])

RuleSet: Cited(citation)
* relatedArtifact[+].type = #citation
* relatedArtifact[=].citation = "{citation}"

// The resources that a group counts among; {{%start}} and {{%end}} are the bounds of the window.
RuleSet: Among(query, words)
* group[0].population[+].code = $measure-population#initial-population
* group[0].population[=].description = "{words}"
* group[0].population[=].criteria.language = #application/x-fhir-query
* group[0].population[=].criteria.expression = "{query}"

// Of each resource among those: counted where the expression is true.
RuleSet: Counted(population, words, expression)
* group[0].population[+].code = $measure-population#{population}
* group[0].population[=].description = "{words}"
* group[0].population[=].criteria.language = #text/fhirpath
* group[0].population[=].criteria.expression = "{expression}"

RuleSet: During(low, high)
* group[0].population[=].extension[window].valueRange.low = {low} 'mo' "mois"
* group[0].population[=].extension[window].valueRange.high = {high} 'mo' "mois"

// A step of a protocol and who does it.
RuleSet: Step(id, title, kind, system, code, role)
* id = "{id}"
* title = "{title}"
* participant[+].type = #{kind}
* participant[=].role = {system}#{code} "{role}"

RuleSet: Does(url)
* definitionCanonical = "https://passerelle.care/fhir/ActivityDefinition/{url}"

RuleSet: AfterStep(step, low, high)
* relatedAction[+].actionId = "{step}"
* relatedAction[=].relationship = #after-end
* relatedAction[=].offsetRange.low = {low} 'd' "jours"
* relatedAction[=].offsetRange.high = {high} 'd' "jours"

RuleSet: Excluded(words)
* condition[+].kind = #applicability
* condition[=].expression.description = "{words}"
* condition[=].expression.language = #text/fhirpath
* condition[=].expression.expression = "%excluded.empty()"

RuleSet: For(text)
* useContext[+].code = $usage-context-type#focus
* useContext[=].valueCodeableConcept.text = "{text}"

RuleSet: FromAge(years)
* useContext[+].code = $usage-context-type#age
* useContext[=].valueRange.low = {years} 'a' "ans"

// An activity: what it becomes, and who does it.
RuleSet: Activity(kind, code, type, system, role, profession)
* status = #draft
* kind = #{kind}
* intent = #plan
* code.text = "{code}"
* participant[+].type = #{type}
* participant[=].role = {system}#{role} "{profession}"
