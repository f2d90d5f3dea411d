Profile: PasserelleAuditEvent
Parent: AuditEvent
Id: passerelle-audit-event
Title: "audit-event"
Description: "audit-event"
* insert Metadata
