Profile: PasserelleContact
Parent: Task
Id: passerelle-contact
Title: "Contact without a file"
Description: "Somebody asks for advice or help, without INS and without a file: the question is kept and answered, and nobody becomes a patient by it."
* insert Metadata
* insert French([[Sollicitation sans dossier]], [[Quelqu'un demande un conseil ou de l'aide, sans INS et sans dossier : la question est conservée et traitée, et personne n'en devient patient.]])
* obeys pas-contact-1 and pas-contact-2 and pas-contact-3 and pas-contact-4 and pas-contact-5
* status MS
* statusReason MS
* statusReason.text 1..1
* intent = #proposal (exactly)
* code 1..1 MS
* code = CoordinationTask#contact
* description 1..1 MS
* description ^short = "The question, in words"
* focus 0..0
* for 0..0
* encounter 0..0
* authoredOn 1..1 MS
* requester MS
* requester ^short = "Who asks: a professional or a structure; of a person without a file only the display"
* requester only Reference(PasserellePractitionerRole or PasserellePractitioner or PasserelleOrganization or PasserelleRelatedPerson)
* owner MS
* owner only Reference(PasserelleOrganization or PasserelleHealthcareService or PasserellePractitionerRole)
* executionPeriod MS
* input 1..* MS
* input insert ToldApartByType
* input contains caller 1..1 MS and channel 1..1 MS and callBack 0..* MS and commune 0..1 MS
* input[caller] insert Named(caller)
* input[caller].value[x] only CodeableConcept
* input[caller].valueCodeableConcept from ContactCallers (required)
* input[channel] insert Named(channel)
* input[channel].value[x] only CodeableConcept
* input[channel].valueCodeableConcept from ContactChannels (required)
* input[callBack] insert Named(call-back)
* input[callBack].value[x] only ContactPoint
* input[commune] insert Named(commune)
* input[commune].value[x] only string
* output MS
* output insert ToldApartByType
* output contains answer 0..1 MS and orientedTo 0..* MS and referral 0..1 MS
* output[answer] insert Named(answer)
* output[answer].value[x] only CodeableConcept
* output[answer].valueCodeableConcept from ContactAnswers (required)
* output[orientedTo] insert Named(oriented-to)
* output[orientedTo].value[x] only Reference(PasserelleOrganization or PasserelleHealthcareService or PasserellePractitionerRole)
* output[referral] insert Named(referral)
* output[referral].value[x] only Reference(PasserelleReferral)

Invariant: pas-contact-1
Description: "Nobody becomes a patient by a contact: take the Patient out of `contained`; write what was said in `description`."
Severity: #error
Expression: "contained.ofType(Patient).empty()"
* insert InFrench([[Une sollicitation ne crée pas de patient : retirer le Patient de `contained` ; écrire ce qui a été dit dans `description`.]])

Invariant: pas-contact-2
Description: "An INS belongs to a qualified identity, not to a contact: take the identifier out."
Severity: #error
Expression: "identifier.where(system.startsWith('urn:oid:1.2.250.1.213.1.4.')).empty() and requester.identifier.where(system.startsWith('urn:oid:1.2.250.1.213.1.4.')).empty()"
* insert InFrench([[Un INS appartient à une identité qualifiée, non à une sollicitation : retirer l’identifiant.]])

Invariant: pas-contact-3
Description: "A contact that was answered says how: add the output `answer`."
Severity: #error
Expression: "status = 'completed' implies output.type.coding.where(code = 'answer').exists()"
* insert InFrench([[Une sollicitation traitée dit comment : ajouter l’output `answer`.]])

Invariant: pas-contact-4
Description: "Who was oriented elsewhere was told where: add the output `oriented-to`."
Severity: #error
Expression: "output.value.ofType(CodeableConcept).coding.where(code = 'oriented').exists() implies output.type.coding.where(code = 'oriented-to').exists()"
* insert InFrench([[Qui est orienté ailleurs sait où : ajouter l’output `oriented-to`.]])

Invariant: pas-contact-5
Description: "A commune is told by its INSEE code: five characters, such as 25056 or 2A004."
Severity: #error
Expression: "input.where(type.coding.code = 'commune').value.all($this.matches('^(2[AB]|[0-9]{2})[0-9]{3}$'))"
* insert InFrench([[Une commune est dite par son code INSEE : cinq caractères, par exemple 25056 ou 2A004.]])
