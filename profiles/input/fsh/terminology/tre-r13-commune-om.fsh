// The official geographical code (COG) has some 40,000 communes and changes every year: its codes are not listed here. An empty
// fragment, not not-present: with that, HL7's Java validator (HAPI) refuses every code of the system.
CodeSystem: TRE_R13_CommuneOM
Id: TRE-R13-CommuneOM
Title: "NOS : communes, pays et territoires (code officiel géographique)"
Description: "Codes INSEE des communes et des pays, par exemple lieu de naissance."
* insert NationalCodes([[https://mos.esante.gouv.fr/NOS/TRE_R13-CommuneOM/FHIR/TRE-R13-CommuneOM]], [[0]], [[ANS, NOS]])
