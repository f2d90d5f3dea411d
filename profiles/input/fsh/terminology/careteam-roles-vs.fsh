ValueSet: CareteamRolesVs
Id: careteam-roles-vs
Title: "CDS : rôles dans le cercle de soins"
Description: "Rôle d'un membre du cercle de soins : le médecin traitant et les rôles de TRE_R260."
* insert NationalValues([[https://interop.esante.gouv.fr/ig/fhir/cds/ValueSet/careteam-roles-vs]], [[2.0.1]], [[ANS, ans.fhir.fr.cds 2.0.1]])
* $TRE_R259#PCP "Médecin traitant"
* include codes from system $TRE_R260

ValueSet: CareTeamMemberRole
Id: care-team-member-role
Title: "Roles of the members of a care team"
Description: "What CDS allows, and the roles of coordination and the professions it has no code for: TRE_R85, TRE_R259, health and social professions."
* insert Metadata
* insert French([[Rôles des membres du cercle de soins]], [[Ce que permet CDS, et les rôles de coordination et les professions qu'il ne code pas : TRE_R85, TRE_R259, professions de santé et du social.]])
* include codes from system $TRE_R259
* include codes from system $TRE_R260
* include codes from system $TRE_R85
* include codes from system $TRE_G15
* include codes from system $TRE_R94
* include codes from system $TRE_R95
