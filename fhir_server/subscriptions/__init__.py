"""What changed -> who asked to know (http://hl7.org/fhir/uv/subscriptions-backport, https://hl7.org/fhir/R5/subscriptiontopic.html)."""
