ValueSet: JDV_J23_TypeNoteCahierLiaison_CISIS
Id: JDV-J23-TypeNoteCahierLiaison-CISIS
Title: "JDV J23 : type de note de liaison"
Description: "Type d'une note du cahier de liaison, liste entière."
* insert NationalValues([[https://mos.esante.gouv.fr/NOS/JDV_J23-TypeNoteCahierLiaison-CISIS/FHIR/JDV-J23-TypeNoteCahierLiaison-CISIS]], [[20200424120000]], [[ANS, ans.fr.terminologies 1.10.0]])
* insert Oid(1.2.250.1.213.1.1.5.98)
* $TRE_R234#DEM-AVIS "Demande d'avis"
* $TRE_R234#GEN "Note générale"
* $TRE_R234#INST "Instruction"
* $TRE_R234#INTERV "Note d'intervention"
* $TRE_R234#OBS "Note d'observation"
