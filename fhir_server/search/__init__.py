"""Search: query string -> query tree; index rows out of resources; query tree -> SQL (https://hl7.org/fhir/R4/search.html)."""
