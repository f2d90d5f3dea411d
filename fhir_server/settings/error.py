"""The refusal of a setting."""

from __future__ import annotations

from fhir_server.model.issue import Category, FhirError, Issue


class SettingsError(FhirError):
    """A setting that cannot be used. Its text names the setting, what is wrong, where the value came from and what to do."""

    def __init__(self, text: str):
        super().__init__(Category.INVALID, [Issue("error", "invalid", line) for line in text.splitlines()])
