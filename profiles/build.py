"""Compile profiles/input/fsh with SUSHI and write the package: `make profiles`.

What is written depends on the sources alone: no date, no order of the day. Snapshots are left out: validators make them, and the
differential is what a reader of the package wants to see.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from terminologies import write_tables

HERE = Path(__file__).parent
PACKAGE = HERE / "package"
"""The compiled package, committed: what the server loads by default."""

MAPPINGS = HERE.parent / "mappings"
CONFIGURATION = HERE / "sushi-config.yaml"


def main() -> None:
    with tempfile.TemporaryDirectory() as work:
        build(Path(work), PACKAGE)
    write_tables(PACKAGE)


def build(work: Path, target: Path) -> None:
    """Compile in `work`, which keeps SUSHI's output, and replace the files of `target`."""
    resources = compiled(work)
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    write(target / "package.json", manifest())
    for resource in [*resources, *concept_maps()]:
        write(target / f"{resource['resourceType']}-{resource['id']}.json", resource)


def concept_maps() -> list[dict[str, Any]]:
    """The maps of mappings/, those that adapters read included: `$translate` has them on every server."""
    return [json.loads(path.read_bytes()) for path in sorted(MAPPINGS.glob("**/concept-maps/*.json"))]


def compiled(work: Path) -> list[dict[str, Any]]:
    """Every resource that SUSHI makes of the sources; the process ends with SUSHI's words where it finds an error."""
    done = subprocess.run([*sushi(work), "build", str(HERE), "--out", str(work / "out")], capture_output=True, text=True)
    if done.returncode:
        sys.exit("\n".join(line for line in done.stdout.splitlines() if not line.startswith("info")))
    return [json.loads(path.read_bytes()) for path in sorted((work / "out" / "fsh-generated" / "resources").glob("*.json"))]


def sushi(work: Path) -> list[str]:
    """The command: the SUSHI that PASSERELLE_SUSHI names, else the one of profiles/sushi/package-lock.json, fetched by npm."""
    if named := os.environ.get("PASSERELLE_SUSHI"):
        return [named]
    folder = shutil.copytree(HERE / "sushi", work / "sushi", ignore=shutil.ignore_patterns("node_modules"))
    subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"], cwd=folder, check=True)
    return ["node", str(folder / "node_modules" / "fsh-sushi" / "dist" / "app.js")]


def manifest() -> dict[str, Any]:
    """package.json (https://confluence.hl7.org/display/FHIR/NPM+Package+Specification)."""
    configuration = YAML(typ="safe").load(CONFIGURATION)
    same = {name: configuration[name] for name in ("version", "canonical", "title", "description", "license")}
    return {
        "name": configuration["id"],
        **same,
        "fhirVersions": [configuration["fhirVersion"]],
        "type": "fhir.ig",
        "author": configuration["publisher"]["name"],
        "jurisdiction": "urn:iso:std:iso:3166#FR",
        "dependencies": {"hl7.fhir.r4.core": configuration["fhirVersion"]},
    }


def write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
