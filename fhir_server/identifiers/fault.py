"""What is wrong with an identifier, said so that it can be mended. The value itself stays out of it: sentences end up in logs."""

from __future__ import annotations

from dataclasses import dataclass

from fhir_server.model.phrase import Phrase


@dataclass(frozen=True, slots=True)
class Fault:
    """`message_id` is identifier-form, identifier-key or identifier-part, the same in every release and language."""

    message_id: str
    sentence: Phrase
