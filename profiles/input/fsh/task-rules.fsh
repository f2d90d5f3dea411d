// What the tasks of the guide have in common.

// A task between people about a person: asked by someone, for her, at a time.
RuleSet: CoordinationTask(kind)
* status MS
* statusReason MS
* statusReason.text 1..1
* intent = #order (exactly)
* code 1..1 MS
* code = CoordinationTask#{kind}
* focus 1..1 MS
* for 1..1 MS
* for only Reference(PasserellePatient)
* authoredOn MS
* requester MS
* owner MS
* owner only Reference(PasserellePractitionerRole or PasserellePractitioner or PasserelleOrganization or PasserelleCareTeam or PasserelleHealthcareService)
* executionPeriod MS
* restriction MS

// Insert at Task.input or Task.output: told apart by their type.
RuleSet: ToldApartByType
* ^slicing.discriminator.type = #pattern
* ^slicing.discriminator.path = "type"
* ^slicing.rules = #open

// Insert at a repeated code.
RuleSet: ToldApartByPattern
* ^slicing.discriminator.type = #pattern
* ^slicing.discriminator.path = "$this"
* ^slicing.rules = #open

// Insert at a slice of Task.input or Task.output.
RuleSet: Named(detail)
* type = TaskDetail#{detail}

// Insert at identifier.
RuleSet: ToldApartBySystem
* ^slicing.discriminator.type = #value
* ^slicing.discriminator.path = "system"
* ^slicing.rules = #open
