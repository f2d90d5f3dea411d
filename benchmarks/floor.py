"""The bare floor of HTTP: the same uvicorn (uvloop, httptools) as Passerelle's, and one Starlette route that answers constant bytes.

    python -m benchmarks.floor PORT ANSWER

ANSWER is a JSON file: {"path", "method", "status", "headers": [[name, value]], "body"}. A request's body is read and thrown away.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

READY = "/health/ready"


def application(answer: dict[str, Any]) -> Starlette:
    """One route that answers, and the one that tells that it is there."""
    body, headers = answer["body"].encode(), dict(answer["headers"])

    async def constant(request: Request) -> Response:
        if answer["method"] == "POST":
            await request.body()
        return Response(body, answer["status"], headers)

    async def ready(_: Request) -> Response:
        return Response(b"{}")

    return Starlette(routes=[Route(answer["path"], constant, methods=[answer["method"]]), Route(READY, ready)])


def main() -> None:
    port, answer = int(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text("utf-8"))
    config = uvicorn.Config(
        application(answer), host="127.0.0.1", port=port, log_config=None, access_log=False, lifespan="off", server_header=False,
        http="httptools", loop="none",
    )  # fmt: skip
    uvloop.run(uvicorn.Server(config).serve())


if __name__ == "__main__":
    main()
