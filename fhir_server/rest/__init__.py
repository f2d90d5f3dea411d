"""HTTP: the FHIR RESTful API (https://hl7.org/fhir/R4/http.html) over `fhir_server.interactions`.

`fhir_application(...)` is an ASGI application to be mounted at the FHIR base. One table (`routes.ROUTES`) says which
interactions there are: requests are dispatched, and the CapabilityStatement and the OpenAPI document made, from it. A new
interaction is one handler `async (FhirRequest) -> Response` and one line there.
"""
