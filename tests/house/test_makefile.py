"""The Makefile and .ci/run offer what the README and design promise."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
TARGETS = ("install", "run", "test", "lint", "bench", "soak", "lock", "clean")
needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def plan(target: str) -> str:
    """What make would do for a target in a fresh checkout."""
    done = subprocess.run(["make", "-n", "-B", target], cwd=TOP, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@needs_make
@pytest.mark.parametrize("target", TARGETS)
def test_each_target_is_there_and_explained_by_make_alone(target):
    plan(target)
    shown = subprocess.run(["make"], cwd=TOP, capture_output=True, text=True, check=True).stdout
    assert re.search(rf"^  make {target} +\S", shown, re.MULTILINE)


@needs_make
@pytest.mark.parametrize("target", ["run", "test", "lint", "bench", "soak"])
def test_what_needs_the_environment_makes_it_first(target):
    steps = plan(target)
    assert steps.index("--require-hashes -r requirements-dev.lock") < steps.index("packages fetch")


@needs_make
def test_run_loads_the_demonstration_into_the_checkout_and_serves_it():
    steps = plan("run")
    at = "PASSERELLE_DATA=.data PASSERELLE_PORT=8080 PASSERELLE_MLLP_PORT=2575 .venv/bin/passerelle"
    assert steps.index(f"{at} demo load") < steps.index(f"{at} serve")
    assert ".data/" in (TOP / ".gitignore").read_text().split()


@needs_make
def test_lint_runs_ruff_and_mypy():
    steps = plan("lint")
    assert "ruff check" in steps
    assert "mypy" in steps


def test_ci_runs_the_commands_of_the_readme_and_ends_with_the_tests():
    script = (TOP / ".ci" / "run").read_text()
    assert subprocess.run(["bash", "-n", str(TOP / ".ci" / "run")], check=False).returncode == 0
    commands = re.findall(r"^(?:exec )?make (\w+)", script, re.MULTILINE)
    assert commands == ["install", "lint", "test"]
    assert script.rstrip().splitlines()[-1].startswith("exec make test")
    assert (TOP / ".ci" / "run").stat().st_mode & 0o111


@pytest.mark.parametrize("command", ["make run", "make test"])
def test_the_readme_asks_for_two_commands(command):
    assert f"\n    {command}\n" in (TOP / "README.md").read_text(encoding="utf-8")
