"""FHIR operations without HTTP (https://hl7.org/fhir/R4/operations.html): one file each."""
