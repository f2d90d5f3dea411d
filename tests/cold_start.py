"""What a command does from a cold start, counted in a process of its own: seconds would say more of the machine than of the command."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.patience import PATIENCE

TOP = Path(__file__).parents[1]
_PROGRAM = """
import contextlib, io, json, sys
from tests.calls import calls

def command():
    from fhir_server.cli import main
    with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
        main(sys.argv[1:])

count = calls(command)
json.dump([count, sorted(sys.modules)], sys.stdout)
"""


@dataclass(frozen=True)
class ColdStart:
    """How many functions were called until the end, and the modules that were imported meanwhile."""

    calls: int
    modules: frozenset[str]


def cold_start(*arguments: str) -> ColdStart:
    command = [sys.executable, "-c", _PROGRAM, *arguments]
    done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, timeout=PATIENCE, check=True)
    count, modules = json.loads(done.stdout)
    return ColdStart(count, frozenset(modules))
