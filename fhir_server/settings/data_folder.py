"""Where a user's data are kept unless a setting says otherwise."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path


def user_data_folder(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """`$XDG_DATA_HOME/passerelle`, else the platform's folder for the data of a user's programs."""
    if base := environment.get("XDG_DATA_HOME"):
        return Path(base) / "passerelle"
    if platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "passerelle"
    if platform == "win32":
        return Path(environment.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "passerelle"
    return Path.home() / ".local" / "share" / "passerelle"
