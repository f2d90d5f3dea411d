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

// The national profile that this one follows; checked against it where its package is installed.
RuleSet: CompliesWith(profile)
* ^extension[+].url = $complies-with
* ^extension[=].valueCanonical = "{profile}"
