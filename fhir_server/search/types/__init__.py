"""The search types, one file each: which index rows an element makes, and how a searched value reads
(https://hl7.org/fhir/R4/search.html#ptypes). `WRITERS` of a file says, by FHIR type, how an element becomes rows.
"""
