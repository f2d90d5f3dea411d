-- Up to which entry of a chain the persons concerned stand in audit_patient: entered in bulk, behind the writes (fhir_server/store/audit_trail.py).
ALTER TABLE audit_chain ADD COLUMN indexed INTEGER NOT NULL DEFAULT 0;
