"""The FHIR package cache that all FHIR tools of a machine share: `~/.fhir/packages/NAME#VERSION/package/`
(https://confluence.hl7.org/display/FHIR/FHIR+Package+Cache), and beside it our own indexes of it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from fhir_server.definitions.package import Manifest, files_of_archive, read_manifest


class PackageCache:
    """Packages by name and version below one folder. Installing is atomic: a folder is there whole or not at all."""

    def __init__(self, root: Path | None = None):
        self.root = root or Path.home() / ".fhir" / "packages"

    def folder(self, name: str, version: str) -> Path:
        """Where the package's files are, or would be (the folder of package.json)."""
        return self.root / f"{name}#{version}" / "package"

    def holds(self, name: str, version: str) -> bool:
        return (self.folder(name, version) / "package.json").is_file()

    def versions(self, name: str) -> list[str]:
        """The versions of a package that are here, in alphabetical order."""
        return sorted(path.name.split("#", 1)[1] for path in self.root.glob(f"{name}#*") if (path / "package" / "package.json").is_file())

    def install(self, archive: Path) -> Manifest:
        """Unpack a .tgz into the cache; what stood there under the same name and version is replaced."""
        manifest = read_manifest(archive)
        self.root.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(dir=self.root, prefix=".unpack-"))
        try:
            _unpack(archive, work / "package")
            _replace(work, self.root / str(manifest))
        finally:
            shutil.rmtree(work, ignore_errors=True)
        return manifest


def _unpack(archive: Path, folder: Path) -> None:
    for name, content in files_of_archive(archive):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _replace(new: Path, target: Path) -> None:
    if target.exists():
        shutil.rmtree(target)
    new.chmod(0o755)
    os.replace(new, target)


def index_folder() -> Path:
    """Where indexes of packages are kept: `$XDG_CACHE_HOME/passerelle/definitions`, else below `~/.cache`."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "passerelle" / "definitions"
