Profile: PasserelleWardRequest
Parent: Task
Id: passerelle-ward-request
Title: "A ward's request before discharge"
Description: "A ward asks for support as early as it can: the person could leave and has nowhere ready to receive her, her situation is complex, or she is already followed."
* insert Metadata
* insert French([[Demande d'un service avant la sortie]], [[Un service demande un appui le plus tôt possible : la personne est médicalement sortante sans solution, sa situation est complexe, ou elle est déjà suivie.]])
* obeys pas-ward-request-1 and pas-ward-request-2 and pas-ward-request-3 and pas-ward-request-4 and pas-agreement-2
* extension contains Agreement named agreement 0..2 MS
* insert CoordinationTask(ward-request)
* authoredOn 1..1
* priority MS
* description 1..1 MS
* focus only Reference(PasserelleEncounterStay)
* encounter 1..1 MS
* encounter only Reference(PasserelleEncounterStay)
* requester 1..1
* requester only Reference(PasserellePractitionerRole or PasserellePractitioner or PasserelleOrganization)
* input 1..* MS
* input insert ToldApartByType
* input contains reason 1..1 MS and expectedDischarge 0..1 MS
* input[reason] insert Named(request-reason)
* input[reason].value[x] only CodeableConcept
* input[reason].valueCodeableConcept from WardRequestReasons (required)
* input[expectedDischarge] insert Named(expected-discharge)
* input[expectedDischarge].value[x] only dateTime
* output MS
* output insert ToldApartByType
* output contains referral 0..1 MS and proposedScreening 0..1 MS
* output[referral] insert Named(referral)
* output[referral].value[x] only Reference(PasserelleReferral or PasserelleEpisodeOfCare)
* output[proposedScreening] insert Named(proposed-screening)
* output[proposedScreening].value[x] only Reference(PasserelleQuestionnaireResponse)

Invariant: pas-ward-request-1
Description: "A structure that does not take the request says why: add `statusReason` with its text."
Severity: #error
Expression: "(status = 'rejected' or status = 'failed' or status = 'cancelled') implies statusReason.exists()"
* insert InFrench([[Une structure qui ne prend pas la demande dit pourquoi : ajouter `statusReason` avec son texte.]])

Invariant: pas-ward-request-2
Description: "Support is asked for ahead: tell the day when the person is to leave in the input `expected-discharge`; only a person who is already fit to leave has none."
Severity: #error
Expression: "input.value.ofType(CodeableConcept).coding.where(code = 'complex' or code = 'followed-admitted').exists() implies input.type.coding.where(code = 'expected-discharge').exists()"
* insert InFrench([[L’appui se demande d’avance : dire le jour prévu de la sortie dans l’input `expected-discharge` ; seule une personne qui pourrait déjà sortir n’en a pas.]])

Invariant: pas-ward-request-3
Description: "Nobody contacts a person who has not agreed: add an agreement of the party `person` with the outcome `agreed`, unless she is already followed."
Severity: #error
Expression: "((status = 'in-progress' or status = 'completed') and input.value.ofType(CodeableConcept).coding.where(code = 'followed-admitted').empty()) implies extension.where(url = 'https://passerelle.care/fhir/StructureDefinition/agreement').where(extension.where(url = 'party').value = 'person' and extension.where(url = 'outcome').value = 'agreed').exists()"
* insert InFrench([[Nul ne contacte une personne qui n’a pas donné son accord : ajouter un accord de la partie `person` de résultat `agreed`, sauf si elle est déjà suivie.]])

Invariant: pas-ward-request-4
Description: "A request that is done shows what came of it: add an output `referral` or `proposed-screening`."
Severity: #error
Expression: "status = 'completed' implies output.type.coding.where(code = 'referral' or code = 'proposed-screening').exists()"
* insert InFrench([[Une demande faite montre ce qui en résulte : ajouter un output `referral` ou `proposed-screening`.]])
