"""`passerelle config check`: every setting, its value, where it came from, what it does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from fhir_server.commands.options import takes_every_setting
from fhir_server.settings import PREFIX, Loaded, Settings, explain_settings, holds_password, require_protection

command = typer.Typer(rich_markup_mode=None)


@command.callback()
def config() -> None:
    """Settings: what they are and where they come from."""


@command.command("check")
@takes_every_setting
def check(config: Path | None = None, **options: Any) -> None:
    """Show every setting, its value and where it came from; say what could not be used (status 2)."""
    loaded = explain_settings(options, config)
    for name, field in Settings.model_fields.items():
        typer.echo(f"{name} = {_shown(getattr(loaded.settings, name))}    [{loaded.origins[name]}]")
        typer.echo(f"    {field.description} ({PREFIX}{name.upper()})")
    _warn(loaded)
    require_protection(loaded.settings)


def _shown(value: Any) -> str:
    if isinstance(value, str) and holds_password(value):
        return f"{value.partition('://')[0]}://(with a password, not shown)"
    if isinstance(value, tuple):
        return ", ".join(value) or "(none)"
    if isinstance(value, dict):
        return ", ".join(f"{key}={text}" for key, text in value.items()) or "(none)"
    return "(unset)" if value is None else str(value)


def _warn(loaded: Loaded) -> None:
    for warning in loaded.warnings:
        typer.echo(f"Warning: {warning}", err=True)
