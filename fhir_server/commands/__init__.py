"""The commands of `passerelle`, one file each; `fhir_server.cli` finds them by name and imports only the one that is called.

A file exports `command`: a function for typer, or a `typer.Typer` with commands of its own.
Exit statuses: 0 done; 1 the answer is no (an invalid resource, a server that is not ready); 2 it could not be run (a wrong option or
setting, a missing file, no connection), the reason on standard error; 130 stopped by Ctrl-C.
"""
