CodeSystem: HelpLevel
Id: help-level
Title: "How closely a person is followed"
Description: "From an answer on the telephone to a coordinator who meets the person."
* insert Metadata
* insert French([[Niveau d'accompagnement]], [[De la réponse au téléphone au coordonnateur qui rencontre la personne.]])
* ^caseSensitive = true
* insert Bilingual(simple-orientation, [[Orientation simple]], [[Simple orientation]])
* insert Bilingual(remote, [[Accompagnement à distance]], [[Remote help]])
* insert Bilingual(reinforced, [[Accompagnement renforcé]], [[Reinforced help]])

ValueSet: HelpLevels
Id: help-levels
Title: "How closely a person is followed: all codes"
Description: "All codes of HelpLevel."
* insert Metadata
* insert French([[Niveau d'accompagnement : tous les codes]], [[Tous les codes de HelpLevel.]])
* include codes from system HelpLevel

CodeSystem: HelpProgramme
Id: help-programme
Title: "Programmes"
Description: "Programmes that the domain texts name; a territory adds its own in a supplement or in text."
* insert Metadata
* insert French([[Programmes]], [[Les programmes que citent les textes du domaine ; un territoire ajoute les siens par un complément ou en texte.]])
* ^caseSensitive = true
* insert Bilingual(tandem, [[Tandem]], [[Tandem]])
* insert Bilingual(aupres, [[Auprès]], [[Auprès]])
* insert Bilingual(x-ailes, [[X-Ailes]], [[X-Ailes]])
* insert Bilingual(support-coordination, [[Coordination d'appui]], [[Support coordination]])
* insert Bilingual(case-management, [[Gestion de cas]], [[Case management]])
* insert Bilingual(brain-injury-team, [[Équipe mobile de cérébrolésés]], [[Mobile brain-injury team]])
* insert Bilingual(return-home, [[Retour à domicile]], [[Return home]])
