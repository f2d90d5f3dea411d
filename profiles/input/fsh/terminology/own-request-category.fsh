CodeSystem: RequestCategory
Id: request-category
Title: "Kind of request"
Description: "What a ServiceRequest of the guide asks for: the support of a structure, or an aid."
* insert Metadata
* insert French([[Nature de la demande]], [[Ce que demande un ServiceRequest du guide : l'appui d'une structure ou une aide.]])
* ^caseSensitive = true
* insert Bilingual(referral, [[Orientation vers une structure d'appui]], [[Referral to a support structure]])
* insert Bilingual(aid, [[Demande d'aide]], [[Request for an aid]])
