"""Settings put together, with where each value came from.

A value is taken from the first place that gives one: an option of the command, an environment variable (`PASSERELLE_PORT`), the
TOML file (`--config`, else `PASSERELLE_CONFIG`, else `passerelle.toml` in the data folder), the default.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from fhir_server.settings.error import SettingsError
from fhir_server.settings.secret import require_no_secret
from fhir_server.settings.settings import PREFIX, Settings
from fhir_server.settings.toml_file import config_file, read_toml

NOT_SETTINGS = frozenset(PREFIX + name for name in ("CONFIG", "TEST_DATA", "SOAK", "FUZZ", "KILLS", "RENEW_GOLDEN"))
"""Variables that the command line and the tests read."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings, where each came from (`option`, an environment variable, a file, `default`), and what looks like a slip."""

    settings: Settings
    origins: Mapping[str, str]
    warnings: tuple[str, ...] = ()


def load_settings(options: Mapping[str, Any] | None = None, config: Path | None = None) -> Settings:
    """The settings that `options` (by name; None means not given), the environment and the TOML file give. Raises SettingsError."""
    return explain_settings(options, config).settings


def explain_settings(options: Mapping[str, Any] | None = None, config: Path | None = None) -> Loaded:
    """As `load_settings`, with where each value came from."""
    given = {name: value for name, value in (options or {}).items() if value is not None}
    require_no_secret(given)
    file = config_file(given, config)
    in_file = read_toml(file) if file else {}
    origins = {name: _origin(name, given, in_file, file) for name in Settings.model_fields}
    below_environment = {name: value for name, value in in_file.items() if _variable(name) is None}
    try:
        settings = Settings(**(below_environment | given))
    except ValidationError as error:
        raise SettingsError(_sentences(error, origins, file)) from None
    return Loaded(settings, origins, tuple(_unknown_variables()))


def _variable(name: str) -> str | None:
    """The environment variable that gives a setting, if one does; upper and lower case are the same to pydantic-settings."""
    wanted = (PREFIX + name).upper()
    return next((key for key, value in os.environ.items() if key.upper() == wanted and value), None)


def _origin(name: str, given: Mapping[str, Any], in_file: Mapping[str, Any], file: Path | None) -> str:
    if name in given:
        return "option --" + name.replace("_", "-")
    if variable := _variable(name):
        return f"environment {variable}"
    return f"file {file}" if name in in_file else "default"


def _sentences(error: ValidationError, origins: Mapping[str, str], file: Path | None) -> str:
    return "\n".join(_sentence(str(one["loc"][0]) if one["loc"] else "", one["type"], one["msg"], origins, file) for one in error.errors())


def _sentence(name: str, kind: str, message: str, origins: Mapping[str, str], file: Path | None) -> str:
    if kind == "extra_forbidden":
        return f"{name}: there is no such setting (from {origins.get(name) or f'file {file}'}); `passerelle config check` lists them."
    return f"{name}: {message.removeprefix('Value error, ')} (from {origins.get(name, 'the settings')})."


def _unknown_variables() -> list[str]:
    known = {(PREFIX + name).upper() for name in Settings.model_fields} | NOT_SETTINGS
    unknown = sorted(key for key in os.environ if key.upper().startswith(PREFIX) and key.upper() not in known)
    return [f"{key} is set in the environment, but there is no such setting." for key in unknown]
