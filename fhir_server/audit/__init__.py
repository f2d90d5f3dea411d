"""What was done, as others see it: the entries of the audit trail as AuditEvents, searched, and a person's access history."""
