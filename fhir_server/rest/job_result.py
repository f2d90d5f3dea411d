"""What an asynchronous request came to, as it is kept until somebody fetches it."""

from __future__ import annotations

from typing import Any

import msgspec

from fhir_server.interactions.status import STATUS
from fhir_server.model.issue import FhirError, operation_outcome


class ResultFile(msgspec.Struct, frozen=True):
    """A file of the job; `section` is the member of the manifest that names it, `url` where an imported one came from."""

    section: str
    name: str
    type: str
    count: int | None = None
    media_type: str = "application/fhir+ndjson"


class JobResult(msgspec.Struct, frozen=True):
    """`status` and `outcome` tell a failure; `moment` is the manifest's transactionTime; `more` holds further members of it."""

    moment: str = ""
    files: tuple[ResultFile, ...] = ()
    more: dict[str, Any] = {}
    status: int = 200
    outcome: dict[str, Any] | None = None

    @classmethod
    def of_failure(cls, error: FhirError) -> JobResult:
        return cls(status=STATUS[error.category], outcome=operation_outcome(error.issues))


def result_bytes(result: JobResult) -> bytes:
    return msgspec.json.encode(result)


def result_of(source: bytes) -> JobResult:
    return msgspec.json.decode(source, type=JobResult)
