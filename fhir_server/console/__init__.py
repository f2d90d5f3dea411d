"""The pages for people: what is running, what the API offers, the documentation. No JavaScript, nothing from other hosts."""

from fhir_server.console.routes import console_routes

__all__ = ["console_routes"]
