// What every definition of the guide carries.

RuleSet: Metadata
* ^publisher = "The Passerelle team"
* ^language = #en
* ^experimental = false
* ^jurisdiction = $iso3166#FR "France"

// Insert with [[...]] around texts that hold commas.
RuleSet: French(title, description)
* ^title.extension[+].url = $translation
* ^title.extension[=].extension[+].url = "lang"
* ^title.extension[=].extension[=].valueCode = #fr
* ^title.extension[=].extension[+].url = "content"
* ^title.extension[=].extension[=].valueString = "{title}"
* ^description.extension[+].url = $translation
* ^description.extension[=].extension[+].url = "lang"
* ^description.extension[=].extension[=].valueCode = #fr
* ^description.extension[=].extension[+].url = "content"
* ^description.extension[=].extension[=].valueMarkdown = "{description}"

// What an invariant asks, in French: validation says it to who reads French. Typography as in print: no-break spaces, ’.
RuleSet: InFrench(text)
* human.extension[+].url = $translation
* human.extension[=].extension[+].url = "lang"
* human.extension[=].extension[=].valueCode = #fr
* human.extension[=].extension[+].url = "content"
* human.extension[=].extension[=].valueString = "{text}"

// The national profile that this one follows; checked against it where its package is installed.
RuleSet: CompliesWith(profile)
* ^extension[+].url = $complies-with
* ^extension[=].valueCanonical = "{profile}"

// Part of a national code system under its own URL: only the codes that coordination needs, as their source has them.
RuleSet: NationalCodes(url, version, source)
* insert National([[{url}]], [[{version}]], [[{source}]])
* ^content = #fragment

// A national value set under its own URL, whole.
RuleSet: NationalValues(url, version, source)
* insert National([[{url}]], [[{version}]], [[{source}]])

RuleSet: National(url, version, source)
* ^url = "{url}"
* ^version = "{version}"
* ^language = #fr
* ^experimental = false
* ^publisher = "The Passerelle team"
* ^jurisdiction = $iso3166#FR "France"
* ^copyright = "Codes et libellés : {source}"

// The OID by which CDA and HL7 v2 name it.
RuleSet: Oid(oid)
* ^identifier.system = "urn:ietf:rfc:3986"
* ^identifier.value = "urn:oid:{oid}"

// Another French label of the same code: a value set's, or that of an earlier version.
RuleSet: AlsoSaid(code, label)
* #{code} ^designation[+].language = #fr
* #{code} ^designation[=].value = "{label}"

// The English label of a code of our own, whose display is French.
RuleSet: InEnglish(code, label)
* #{code} ^designation.language = #en
* #{code} ^designation.value = "{label}"

// A code of a national system that is no longer to be used but still received.
RuleSet: Deprecated(code)
* #{code} ^property.code = #status
* #{code} ^property.valueCode = #deprecated

// The property that `Deprecated` sets (http://hl7.org/fhir/concept-properties).
RuleSet: StatusProperty
* ^property.code = #status
* ^property.uri = "http://hl7.org/fhir/concept-properties#status"
* ^property.type = #code
