"""Options that several commands share, and how they become settings."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from fhir_server.settings import Settings, load_settings, provide_password

Data = Annotated[Path | None, typer.Option("--data", metavar="DIR", help="Folder of the SQLite file and of whatever else is kept.")]
Database = Annotated[
    str | None,
    typer.Option("--database", metavar="URL", help="sqlite:///FILE or postgresql://USER@HOST/NAME, else passerelle.db in the data folder."),
]
Config = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="Settings in TOML, else passerelle.toml in the data folder.")]
Server = Annotated[str, typer.Option("--server", metavar="URL", help="The running server.")]


class Tongue(StrEnum):
    """The languages that findings are told in."""

    en = "en"
    fr = "fr"


Language = Annotated[Tongue, typer.Option("--lang", help="Language of the findings.")]

F = TypeVar("F", bound=Callable[..., Any])


def store_settings(data: Path | None, database: str | None, config: Path | None) -> Settings:
    """The settings of a command that works on the store. Raises SettingsError."""
    settings = load_settings({"data": data, "database": database}, config)
    provide_password(settings)
    return settings


def takes_every_setting(function: F) -> F:
    """Give a command `--config` and one option for each setting; it gets them as keyword arguments, None where not given."""
    parameters = [inspect.Parameter("config", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Config)]
    parameters += [_parameter(name) for name in Settings.model_fields]
    function.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    function.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return function


def _parameter(name: str) -> inspect.Parameter:
    field = Settings.model_fields[name]
    kind: Any = field.annotation if field.annotation in (bool, int, float, Path) else str
    option = "--" + name.replace("_", "-")
    declared = f"{option}/--no-{option[2:]}" if kind is bool else option
    annotation = Annotated[kind | None, typer.Option(declared, help=field.description, show_default=False)]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
