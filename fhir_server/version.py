"""The version of the installed distribution, as the CapabilityStatement, the logs and `passerelle version` say it."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version


def version() -> str:
    """Such as `0.1.0`; `0+checkout` where the code runs without being installed."""
    try:
        return installed_version("passerelle")
    except PackageNotFoundError:
        return "0+checkout"
