"""`.ci/audit` says what it found, and that it found nothing only where it could have found something."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

AUDIT = Path(__file__).parents[2] / ".ci" / "audit"


@pytest.mark.parametrize(
    ("printed", "status", "expected", "words"),
    [
        ("No known vulnerabilities found", 0, 0, "No known vulnerabilities found"),
        ("Found 2 known vulnerabilities in 1 package", 1, 1, "Found 2 known"),
        ("ConnectionError: no route", 1, 0, "not audited: the advisory database cannot be asked"),
        ("No known vulnerabilities found\nhttpx  not found on PyPI and could not be audited: httpx", 0, 0, "does not know 1 of them"),
    ],
    ids=["nothing is found", "something is found", "no network", "a registry without advisories"],
)
def test_silence_is_not_taken_for_an_answer(tmp_path, printed, status, expected, words):
    (tmp_path / "said").write_text(printed + "\n")
    tool = tmp_path / "pip-audit"
    tool.write_text(f"#!/bin/sh\ncat {tmp_path / 'said'}\nexit {status}\n")
    tool.chmod(0o755)
    done = subprocess.run([AUDIT], env=os.environ | {"PIP_AUDIT": str(tool)}, capture_output=True, text=True, check=False)
    assert done.returncode == expected
    assert words in done.stdout + done.stderr
