"""The fixtures of the HL7 v2 tests: the intake is tested with real messages."""

from tests.hl7v2.conftest import endpoint, intake, interpreter, library, message

__all__ = ["endpoint", "intake", "interpreter", "library", "message"]
