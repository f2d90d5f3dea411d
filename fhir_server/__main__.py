"""`python -m fhir_server` is the command `passerelle`."""

from fhir_server.cli import main

if __name__ == "__main__":  # the processes of `passerelle validate` import this module too
    main()
