"""What is wrong with a FHIRPath expression, and where in its text."""

from __future__ import annotations


class FhirPathError(Exception):
    """The expression cannot be read, or cannot be evaluated on this input. `column` counts from 1 in the source, None where unknown."""

    def __init__(self, message: str, column: int | None = None):
        self.message = message
        self.column = column
        super().__init__(f"{message} (column {column})" if column else message)
