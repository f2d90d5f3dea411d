CodeSystem: ConsentBasis
Id: consent-basis
Title: "On what sharing rests"
Description: "Inside the care team sharing is presumed once the person is informed; outside of it the person is asked (code de la santé publique, L1110-4, L1110-12, L1111-17)."
* insert Metadata
* insert French([[Fondement du partage]], [[Dans l'équipe de soins, le partage est présumé une fois la personne informée ; hors de l'équipe, son accord est demandé (code de la santé publique, L1110-4, L1110-12, L1111-17).]])
* ^caseSensitive = true
* insert Bilingual(inside-care-team, [[Dans l'équipe de soins : présumé, personne informée]], [[Inside the care team: presumed, the person is informed]])
* insert Bilingual(outside-care-team, [[Hors de l'équipe de soins : accord exprès]], [[Outside the care team: the person's explicit agreement]])

ValueSet: ConsentBases
Id: consent-bases
Title: "On what sharing rests: all codes"
Description: "All codes of ConsentBasis."
* insert Metadata
* insert French([[Fondement du partage : tous les codes]], [[Tous les codes de ConsentBasis.]])
* include codes from system ConsentBasis
