"""Where the mapping files are: inside the installed package, or `mappings/` at the top of a checkout."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


def mappings_folder() -> Path:
    """The folder that holds `hl7v2/` and the other kinds. Raises FileNotFoundError where neither place is there."""
    packaged = Path(str(files("adapters.mapping") / "files"))
    for folder in (packaged, CHECKOUT / "mappings"):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"The mapping files are neither in {packaged} nor in {CHECKOUT / 'mappings'}; install the package again.")
