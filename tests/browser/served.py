"""The whole application, listening on a free port of this machine."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

from fhir_server.definitions.definitions import Definitions
from tests.security.whole_application import whole_application


@contextmanager
def served(definitions: Definitions, data: Path, **settings: Any) -> Iterator[str]:
    """Its address; it ends with the block."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        servers: list[uvicorn.Server] = []

        def serve() -> None:
            with asyncio.Runner() as runner, whole_application(runner.run, definitions, data, **settings) as app:
                servers.append(uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", ws="none")))
                runner.run(servers[0].serve([listening]))

        thread = threading.Thread(target=serve)
        thread.start()
        while not servers or not servers[0].started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        servers[0].should_exit = True
        thread.join()
