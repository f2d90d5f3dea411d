"""`python -m fhir_server` is the command `passerelle`."""

from fhir_server.cli import main

main()
