"""Adapters: each speaks one foreign protocol and knows FHIR only through `adapters.endpoint`."""
