"""Passerelle's FHIR R4 server."""
