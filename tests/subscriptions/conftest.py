"""The topics of a server, loaded once; a receiver; scenes on a server on each store, with sockets where they listen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from fhir_server.definitions.definitions import Definitions
from fhir_server.subscriptions.topic import Topic
from fhir_server.subscriptions.topics import load_topics
from tests.subscriptions.receiver import Receiver, receiving
from tests.subscriptions.server import Server, serving
from tests.subscriptions.sockets import Scene, sockets_of


@pytest.fixture(scope="session")
def topics(definitions: Definitions) -> Mapping[str, Topic]:
    """By the last part of their canonical URL."""
    return {url.rpartition("/")[2]: topic for url, topic in load_topics(definitions).items()}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def play(run: Callable[[Any], Any], definitions: Definitions, database_url: str, tmp_path: Path) -> Callable[..., Any]:
    """`play(scene)`: what the scene gives, of a server on a store of its own (kept between the scenes of a test)."""

    def played(scene: Callable[[Server], Any], **settings: Any) -> Any:
        async def main() -> Any:
            async with serving(definitions, database_url, tmp_path, **settings) as server:
                return await scene(server)

        return run(main())

    return played


@pytest.fixture
def listen(play: Callable[..., Any]) -> Callable[..., Any]:
    """`listen(scene)`: a scene on a server with sockets."""

    def played(scene: Scene, **settings: Any) -> Any:
        async def with_sockets(server: Server) -> Any:
            async with sockets_of(server, **settings) as sockets:
                return await scene(server, sockets)

        return play(with_sockets)

    return played
