"""What a forked process does: one command, to its end."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path


def run(arguments: Sequence[str], environment: Mapping[str, str], log: Path, tells: bool) -> None:
    """Ends the process with the command's status."""
    from tests.reliability.forked_imports import main, maps_are_compiled, tells_partner

    os.environ.clear()
    os.environ.update(environment)
    with log.open("ab") as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    maps_are_compiled()
    if tells:
        tells_partner()
    main(arguments)
