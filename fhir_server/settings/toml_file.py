"""TOML files: the one of the settings, and those that settings name."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fhir_server.settings.data_folder import user_data_folder
from fhir_server.settings.error import SettingsError
from fhir_server.settings.settings import PREFIX

CONFIG_VARIABLE = PREFIX + "CONFIG"
FILE_NAME = "passerelle.toml"


def config_file(given: Mapping[str, Any], config: Path | None) -> Path | None:
    named = config or os.environ.get(CONFIG_VARIABLE)
    if named:
        if not Path(named).is_file():
            raise SettingsError(f"The configuration file {named} does not exist.")
        return Path(named)
    data = Path(given.get("data") or os.environ.get(PREFIX + "DATA") or user_data_folder()).expanduser()
    return data / FILE_NAME if (data / FILE_NAME).is_file() else None


def read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} is not TOML: {error}.") from None
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}.") from None
