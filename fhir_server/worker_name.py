"""What a process calls itself among all that share a database."""

from __future__ import annotations

import os
import socket
import uuid


def worker_name() -> str:
    """A name that no other process has, now or later."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
