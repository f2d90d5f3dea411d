// A code with its French display and the English one beside it; insert with [[...]] around texts that hold commas.

RuleSet: Bilingual(code, french, english)
* #{code} "{french}"
* #{code} ^designation[0].language = #en
* #{code} ^designation[0].value = "{english}"
