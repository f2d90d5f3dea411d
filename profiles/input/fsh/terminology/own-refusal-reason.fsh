CodeSystem: RefusalReason
Id: refusal-reason
Title: "Why a support structure does not take a referral"
Description: "Reasons of a structure that refuses or puts on hold; most ask for a redirection."
* insert Metadata
* insert French([[Pourquoi une structure d'appui ne donne pas suite]], [[Motifs d'un refus ou d'une mise en attente ; la plupart demandent une réorientation.]])
* ^caseSensitive = true
* insert Bilingual(out-of-scope, [[Hors périmètre]], [[Out of scope]])
* insert Bilingual(out-of-territory, [[Hors territoire]], [[Out of the territory]])
* insert Bilingual(saturated, [[File active complète]], [[No capacity left]])
* insert Bilingual(other-structure-fits, [[Une autre structure répond mieux]], [[Another structure fits better]])
* insert Bilingual(person-refuses, [[La personne refuse]], [[The person refuses]])
* insert Bilingual(gp-refuses, [[Le médecin traitant refuse]], [[The general practitioner refuses]])
* insert Bilingual(already-followed, [[Déjà suivie]], [[Already followed]])
* insert Bilingual(incomplete, [[Demande incomplète]], [[Incomplete request]])

ValueSet: RefusalReasons
Id: refusal-reasons
Title: "Why a support structure does not take a referral: all codes"
Description: "All codes of RefusalReason."
* insert Metadata
* insert French([[Pourquoi une structure d'appui ne donne pas suite : tous les codes]], [[Tous les codes de RefusalReason.]])
* include codes from system RefusalReason
