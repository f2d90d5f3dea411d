"""One server at a time on a data folder: two would both process what stands in the inbox.

Commands that import, back up or look may run beside it; the store itself is made for several processes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from fhir_server.model.issue import Category, fault

try:
    import fcntl
except ImportError:  # Windows has no flock; there the ports that are taken already are the only guard
    fcntl = None  # type: ignore[assignment]

LOCK = "serve.lock"


@contextlib.contextmanager
def only_server(data: Path) -> Iterator[None]:
    """Hold the folder's lock; FhirError where another server has it. The system lets go of it when the process ends, however it ends."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / LOCK).open("w") as lock:
        if fcntl is not None:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                sentence = f"Another server is running on {data}; stop it, or give this one a folder of its own (--data)."
                raise fault(Category.BUSY, "lock-error", sentence) from None
        yield
