"""FHIR packages and what they define: types, profiles, search parameters, value sets, code systems, by canonical URL."""
