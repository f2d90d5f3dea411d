"""The authorisation servers of others whose tokens count here, out of the file that the settings name (docs/security.md)."""

from __future__ import annotations

from collections.abc import Mapping

from fhir_server.security.issuer import Issuer, IssuerError, read_issuers
from fhir_server.settings import Settings, SettingsError, read_toml


def issuers_of(settings: Settings) -> Mapping[str, Issuer]:
    """The issuers of the file that the settings name; files named in it are beside it. Raises SettingsError."""
    file = settings.issuers
    if file is None:
        return {}
    try:
        return read_issuers(read_toml(file), lambda name: (file.parent / name).read_text(encoding="utf-8"))
    except IssuerError as error:
        raise SettingsError(f"issuers: {file}: {error}.") from None
