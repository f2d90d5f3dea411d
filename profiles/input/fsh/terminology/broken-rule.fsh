CodeSystem: BrokenRule
Id: broken-rule
Title: "Rule that an example breaks"
Description: "In `meta.tag` of the wrong examples: the one rule that the example breaks, as PROFILE#ELEMENT or PROFILE#INVARIANT, the source that validation tells."
* insert Metadata
* insert French([[Règle que l'exemple enfreint]], [[Dans `meta.tag` des exemples faux : la seule règle que l'exemple enfreint, PROFIL#ÉLÉMENT ou PROFIL#INVARIANT.]])
* ^content = #fragment
* ^caseSensitive = true
