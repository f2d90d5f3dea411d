ValueSet: StayClasses
Id: stay-classes
Title: "Kinds of stay"
Description: "In hospital, in the emergency department, in home hospitalisation, ambulatory, awaited."
* insert Metadata
* insert French([[Natures de séjour]], [[Hospitalisation, urgences, hospitalisation à domicile, ambulatoire, préadmission.]])
* $v3-ActCode#IMP "inpatient encounter"
* $v3-ActCode#ACUTE "inpatient acute"
* $v3-ActCode#NONAC "inpatient non-acute"
* $v3-ActCode#EMER "emergency"
* $v3-ActCode#HH "home health"
* $v3-ActCode#SS "short stay"
* $v3-ActCode#AMB "ambulatory"
* $v3-ActCode#PRENC "pre-admission"
