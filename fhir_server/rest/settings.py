"""What an operator may choose about the HTTP side."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RestSettings:
    """`base_url` is the FHIR base as clients see it (`https://fhir.example.org/fhir`); without it, each request's own address.

    Sizes are in bytes of the unpacked body; counts are entries of a page. `import_sources` are what the URLs of an import may begin with;
    `allowed_networks` are those inside where they may lie; `job_hours` is how long the answer to an asynchronous request is kept.
    With `audit` the type AuditEvent is the audit trail's.
    """

    base_url: str | None = None
    max_body_bytes: int = 64 * 2**20
    strict_search: bool = False
    default_count: int = 50
    max_count: int = 1000
    software_version: str = "0"
    compress: bool = True
    max_import_bytes: int = 2**30
    import_sources: tuple[str, ...] = ()
    job_hours: float = 24.0
    allowed_networks: tuple[str, ...] = ()
    audit: bool = False
    break_glass_hours: float = 4.0
